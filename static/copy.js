// Shows the button that copies a block of text, where the browser lets a page do that.
for (const button of document.querySelectorAll("[data-k-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.kCopy).textContent);
    document.getElementById("status").textContent = button.dataset.kDone;
    button.lastChild.textContent = button.dataset.kDone;
  });
}
