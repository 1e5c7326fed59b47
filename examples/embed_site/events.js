// What the widget tells the page around it.
const log = document.querySelector("output");
for (const type of ["ready", "slot_selected", "booking_created", "booking_confirmed", "close", "error"]) {
  document.addEventListener(`orkestr:${type}`, ({ detail }) => {
    log.textContent += `${type} ${detail.bookingId ?? detail.startsAt ?? ""}\n`;
  });
}
document.querySelector("#gift")?.addEventListener("click", () => window.Orkestr.open({ offering: "podcast-booth", coupon: "RIVERSIDE" }));
