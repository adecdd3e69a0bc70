// The bundle every page loads.
import "./ime.js";
import "./id_field.js";
import "./combo.js";
import "./date_field.js";
import "./keys.js";
import "./filters.js";
import "./bulk.js";
import "./toast.js";
import "./palette.js";
import "./polling.js";
import "./drafts.js";
import "./rows.js";
import "./small.js";
import "./arrival.js";
import "./reveal_reason.js";
import "./security_key.js";
import "./session.js";
