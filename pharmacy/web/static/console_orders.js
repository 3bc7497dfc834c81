// A signature that is drawn: the picture goes along with the form. Whoever has no pen, or no script, types a name.
(() => {
  "use strict";
  const form = document.querySelector("form[data-signed]");
  if (!form) return;
  const canvas = form.querySelector("canvas");
  const field = form.elements.namedItem("drawing");
  const pen = canvas.getContext("2d");
  let isDown = false;
  let isDrawn = false;

  canvas.hidden = false;
  pen.lineWidth = 3;
  pen.lineCap = "round";
  pen.strokeStyle = "#1a1a1a";

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  }

  canvas.addEventListener("pointerdown", (event) => {
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    isDrawn = true;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => { isDown = false; });
  form.addEventListener("submit", () => { field.value = isDrawn ? canvas.toDataURL("image/png") : ""; });
})();
