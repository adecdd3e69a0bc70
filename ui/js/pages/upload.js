// upload-box: around a form with one file field. Shows what was chosen, takes dropped files and photos, shows progress.
const PREVIEW = 88;

class UploadBox extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.file = this.querySelector("input[data-file]");
    this.shot = this.querySelector("input[data-shot]");
    this.bar = this.querySelector("[data-progress]");
    this.drop = this.querySelector("[data-drop]");
    this.querySelector("[data-camera]").hidden = !window.matchMedia("(pointer: coarse)").matches;
    this.file.addEventListener("change", () => this.show());
    this.shot.addEventListener("change", () => this.take(this.shot.files));
    for (const kind of ["dragover", "dragleave", "drop"]) {
      this.drop.addEventListener(kind, (event) => this.dragged(event));
    }
    this.form.addEventListener("htmx:xhr:progress", (event) => this.progress(event.detail));
  }

  dragged(event) {
    event.preventDefault();
    this.drop.classList.toggle("over", event.type === "dragover");
    if (event.type === "drop") {
      this.take(event.dataTransfer.files);
    }
  }

  /** A file that came another way becomes that of the form's own field, so there is one thing to send. */
  take(files) {
    if (!files.length) {
      return;
    }
    const one = new DataTransfer();
    one.items.add(files[0]);
    this.file.files = one.files;
    this.show();
  }

  async show() {
    const file = this.file.files[0];
    const canvas = this.querySelector("[data-preview]");
    canvas.hidden = true;
    if (!file) {
      return;
    }
    this.querySelector("[data-name]").textContent = `${file.name} · ${(file.size / 1e6).toFixed(1)} MB`;
    const picture = file.type.startsWith("image/") ? await createImageBitmap(file).catch(() => null) : null;
    if (!picture) {
      return;
    }
    const scale = Math.min(PREVIEW / picture.width, PREVIEW / picture.height);
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;
    picture.close();
  }

  progress({ loaded, total }) {
    if (total) {
      this.bar.hidden = false;
      this.bar.value = Math.round((100 * loaded) / total);
    }
  }
}

customElements.define("upload-box", UploadBox);
