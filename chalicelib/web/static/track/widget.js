// "Track your order" on a shop's own page: one frame beside the script that names this file.
//
//   <script async src=".../widget.js" data-shop="mer_..."></script>
//
// No cookies, nothing stored, nothing read of the shop's page but these attributes: data-shop,
// data-lang (else the page's own), data-title and data-height.
(function () {
  const script = document.currentScript;
  const told = script?.dataset;
  if (!told?.shop) return;
  const lang = told.lang || document.documentElement.lang;
  const frame = document.createElement("iframe");
  const place = new URL(`shops/${encodeURIComponent(told.shop)}/track`, script.src);
  if (lang) place.searchParams.set("lang", lang);
  frame.src = place.href;
  frame.title = told.title || "Track your order";
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = `display:block;width:100%;max-width:38rem;height:${told.height || "30rem"};border:0`;
  script.after(frame);
})();
