// What every page loads. Elements of a few pages are in js/pages; those pages name them in their `head` block.
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
import "./reveal_reason.js";
import "./session.js";
