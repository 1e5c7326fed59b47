#include "engine/mail_words.hpp"

#include "orkestr/engine/translation.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace orkestr::inline v1::mail_words {
namespace {

struct Language {
  std::string_view locale;
  std::array<std::string_view, count> words;
};

// As the pages address people (server/locales/README.md). clang-format would break the lines.
// clang-format off
constexpr Language languages[] = {
  {"ar",
   {
     "استلمنا حجزك: {what}",
     "استلم {business} حجزك.",
     " نحتفظ لك به حتى {time}؛ يُرجى الدفع قبل ذلك.",
     " سنخبرك حالما يُؤكَّد.",
     "تم تأكيد حجزك: {what}",
     "تم تأكيد حجزك لدى {business}.",
     "أُلغي حجزك: {what}",
     "أُلغي حجزك لدى {business}.",
     "انتهى حجزك لدى {business} لأنه لم يُدفع في الوقت المحدد.",
     "تغيّر موعد حجزك: {what}",
     "نُقل حجزك لدى {business} إلى موعد آخر.",
     "{from} – {to}",
     "الكمية: {n}",
     "المجموع: {amount}",
     "المبلغ المسترد: {percent} % مما دفعته",
     "لعرضه أو تغيير موعده أو إلغائه:",
     "حجوزاتك:",
     "حجوزاتك لدى {business}",
     "طلب شخص ما، أنت على الأرجح، عرض حجوزاتك لدى {business}. تجدها هنا:\n\n{link}\n\nيعمل الرابط مرة واحدة خلال نصف ساعة. إن لم تطلبه فلا حاجة إلى فعل أي شيء.\n",
   }},
  {"ca",
   {
     "Hem rebut la vostra reserva: {what}",
     "{business} ha rebut la vostra reserva.",
     " Us la guardem fins al {time}; pagueu-la abans, si us plau.",
     " Us avisarem quan estigui confirmada.",
     "La vostra reserva està confirmada: {what}",
     "La vostra reserva a {business} està confirmada.",
     "La vostra reserva està cancel·lada: {what}",
     "La vostra reserva a {business} està cancel·lada.",
     "La vostra reserva a {business} ha caducat perquè no es va pagar a temps.",
     "La vostra reserva ha canviat d’hora: {what}",
     "La vostra reserva a {business} s’ha passat a una altra hora.",
     "{from} a {to}",
     "Quantitat: {n}",
     "Total: {amount}",
     "Reemborsament: {percent} % del que heu pagat",
     "Vegeu-la, canvieu-la o cancel·leu-la:",
     "Les vostres reserves:",
     "Les vostres reserves a {business}",
     "Algú, segurament vós, ha demanat de veure les vostres reserves a {business}. Són aquí:\n\n{link}\n\nL’enllaç funciona una sola vegada, durant mitja hora. Si no l’heu demanat, no cal que feu res.\n",
   }},
  {"de",
   {
     "Wir haben Ihre Buchung erhalten: {what}",
     "{business} hat Ihre Buchung erhalten.",
     " Sie ist bis {time} für Sie reserviert; bitte bezahlen Sie bis dahin.",
     " Sie erhalten eine Nachricht, sobald sie bestätigt ist.",
     "Ihre Buchung ist bestätigt: {what}",
     "Ihre Buchung bei {business} ist bestätigt.",
     "Ihre Buchung ist storniert: {what}",
     "Ihre Buchung bei {business} ist storniert.",
     "Ihre Buchung bei {business} ist verfallen, weil sie nicht rechtzeitig bezahlt wurde.",
     "Ihre Buchung wurde verschoben: {what}",
     "Ihre Buchung bei {business} wurde auf eine andere Zeit verschoben.",
     "{from} bis {to}",
     "Anzahl: {n}",
     "Gesamt: {amount}",
     "Erstattung: {percent} % des bezahlten Betrags",
     "Ansehen, verschieben oder stornieren:",
     "Ihre Buchungen:",
     "Ihre Buchungen bei {business}",
     "Jemand, vermutlich Sie selbst, möchte Ihre Buchungen bei {business} sehen. Hier sind sie:\n\n{link}\n\nDer Link funktioniert einmal, innerhalb einer halben Stunde. Wenn Sie ihn nicht angefordert haben, müssen Sie nichts tun.\n",
   }},
  {"en",
   {
     "We have your booking: {what}",
     "{business} has received your booking.",
     " It is kept for you until {time}; please pay by then.",
     " You will be told once it is confirmed.",
     "Your booking is confirmed: {what}",
     "Your booking at {business} is confirmed.",
     "Your booking is cancelled: {what}",
     "Your booking at {business} is cancelled.",
     "Your booking at {business} has ended, since it was not paid for in time.",
     "Your booking has moved: {what}",
     "Your booking at {business} has been moved to another time.",
     "{from} to {to}",
     "Quantity: {n}",
     "Total: {amount}",
     "Refund: {percent} % of what you have paid",
     "See, move or cancel it:",
     "Your bookings:",
     "Your bookings at {business}",
     "Somebody, most likely you, has asked to see your bookings at {business}. They are here:\n\n{link}\n\nThe link works once, within half an hour. If you did not ask for it, there is nothing to do.\n",
   }},
  {"es",
   {
     "Hemos recibido tu reserva: {what}",
     "{business} ha recibido tu reserva.",
     " Te la guardamos hasta el {time}; págala antes, por favor.",
     " Te avisaremos en cuanto esté confirmada.",
     "Tu reserva está confirmada: {what}",
     "Tu reserva en {business} está confirmada.",
     "Tu reserva está cancelada: {what}",
     "Tu reserva en {business} está cancelada.",
     "Tu reserva en {business} ha caducado porque no se pagó a tiempo.",
     "Tu reserva ha cambiado de hora: {what}",
     "Tu reserva en {business} se ha pasado a otra hora.",
     "{from} a {to}",
     "Cantidad: {n}",
     "Total: {amount}",
     "Reembolso: {percent} % de lo que has pagado",
     "Verla, cambiarla o cancelarla:",
     "Tus reservas:",
     "Tus reservas en {business}",
     "Alguien, seguramente tú, ha pedido ver tus reservas en {business}. Aquí están:\n\n{link}\n\nEl enlace funciona una sola vez, durante media hora. Si no lo has pedido tú, no tienes que hacer nada.\n",
   }},
  {"fr",
   {
     "Nous avons reçu votre réservation : {what}",
     "{business} a bien reçu votre réservation.",
     " Elle vous est réservée jusqu’au {time} ; merci de la régler d’ici là.",
     " Vous serez prévenu dès qu’elle sera confirmée.",
     "Votre réservation est confirmée : {what}",
     "Votre réservation chez {business} est confirmée.",
     "Votre réservation est annulée : {what}",
     "Votre réservation chez {business} est annulée.",
     "Votre réservation chez {business} a expiré, faute de paiement à temps.",
     "Votre réservation a changé d’horaire : {what}",
     "Votre réservation chez {business} a été déplacée à un autre horaire.",
     "{from} à {to}",
     "Quantité : {n}",
     "Total : {amount}",
     "Remboursement : {percent} % de ce que vous avez payé",
     "La voir, la déplacer ou l’annuler :",
     "Vos réservations :",
     "Vos réservations chez {business}",
     "Quelqu’un, sans doute vous, a demandé à voir vos réservations chez {business}. Les voici :\n\n{link}\n\nLe lien fonctionne une seule fois, pendant une demi-heure. Si vous n’avez rien demandé, vous n’avez rien à faire.\n",
   }},
  {"gl",
   {
     "Recibimos a súa reserva: {what}",
     "{business} recibiu a súa reserva.",
     " Gardámosllela ata o {time}; páguea antes, por favor.",
     " Avisarémolo en canto estea confirmada.",
     "A súa reserva está confirmada: {what}",
     "A súa reserva en {business} está confirmada.",
     "A súa reserva está cancelada: {what}",
     "A súa reserva en {business} está cancelada.",
     "A súa reserva en {business} caducou porque non se pagou a tempo.",
     "A súa reserva cambiou de hora: {what}",
     "A súa reserva en {business} pasou a outra hora.",
     "{from} a {to}",
     "Cantidade: {n}",
     "Total: {amount}",
     "Reembolso: {percent} % do que pagou",
     "Vela, cambiala ou cancelala:",
     "As súas reservas:",
     "As súas reservas en {business}",
     "Alguén, seguramente vostede, pediu ver as súas reservas en {business}. Están aquí:\n\n{link}\n\nA ligazón funciona unha soa vez, durante media hora. Se non a pediu, non ten que facer nada.\n",
   }},
  {"it",
   {
     "Abbiamo ricevuto la Sua prenotazione: {what}",
     "{business} ha ricevuto la Sua prenotazione.",
     " Resta riservata per Lei fino al {time}; La preghiamo di pagare entro allora.",
     " La avviseremo appena sarà confermata.",
     "La Sua prenotazione è confermata: {what}",
     "La Sua prenotazione presso {business} è confermata.",
     "La Sua prenotazione è annullata: {what}",
     "La Sua prenotazione presso {business} è annullata.",
     "La Sua prenotazione presso {business} è scaduta, perché non è stata pagata in tempo.",
     "La Sua prenotazione è stata spostata: {what}",
     "La Sua prenotazione presso {business} è stata spostata a un altro orario.",
     "{from} – {to}",
     "Quantità: {n}",
     "Totale: {amount}",
     "Rimborso: {percent} % di quanto ha pagato",
     "Vederla, spostarla o annullarla:",
     "Le Sue prenotazioni:",
     "Le Sue prenotazioni presso {business}",
     "Qualcuno, probabilmente Lei, ha chiesto di vedere le Sue prenotazioni presso {business}. Eccole:\n\n{link}\n\nIl link funziona una sola volta, entro mezz’ora. Se non l’ha chiesto Lei, non deve fare nulla.\n",
   }},
  {"pt",
   {
     "Recebemos a sua reserva: {what}",
     "{business} recebeu a sua reserva.",
     " Fica guardada para si até {time}; pague até lá, por favor.",
     " Será avisado assim que for confirmada.",
     "A sua reserva está confirmada: {what}",
     "A sua reserva em {business} está confirmada.",
     "A sua reserva foi cancelada: {what}",
     "A sua reserva em {business} foi cancelada.",
     "A sua reserva em {business} expirou por não ter sido paga a tempo.",
     "A sua reserva mudou de hora: {what}",
     "A sua reserva em {business} passou para outra hora.",
     "{from} a {to}",
     "Quantidade: {n}",
     "Total: {amount}",
     "Reembolso: {percent} % do que pagou",
     "Ver, mudar ou cancelar:",
     "As suas reservas:",
     "As suas reservas em {business}",
     "Alguém, provavelmente você, pediu para ver as suas reservas em {business}. Estão aqui:\n\n{link}\n\nA ligação funciona uma só vez, durante meia hora. Se não a pediu, não precisa de fazer nada.\n",
   }},
};
// clang-format on

constexpr auto tags = [] {
  std::array<std::string_view, std::size(languages)> all;
  std::ranges::transform(languages, all.begin(), &Language::locale);
  return all;
}();

const Language& best_of(std::span<const std::string_view> wanted) {
  static const std::vector<std::string> available(tags.begin(), tags.end());
  const auto named = [](std::string_view tag) { return std::ranges::find(languages, tag, &Language::locale); };
  for (const auto tag : wanted)
    if (!is_locale(tag)) // a customer's may be any text
      continue;
    else if (const auto found = lookup_locale(tag, available))
      return *named(*found);
  return *named("en");
}

} // namespace

std::span<const std::string_view> locales() { return tags; }

std::string say(std::span<const std::string_view> wanted, Word word,
                std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string said;
  for (std::string_view text = best_of(wanted).words[word]; !text.empty();) {
    const auto open = std::min(text.find('{'), text.size());
    said += text.substr(0, open);
    text.remove_prefix(open);
    if (text.empty()) break;
    const auto close = text.find('}');
    const auto found = std::ranges::find(values, text.substr(1, close - 1), &std::pair<std::string_view, std::string_view>::first);
    if (found != values.end()) said += found->second;
    text.remove_prefix(close + 1);
  }
  return said;
}

} // namespace orkestr::inline v1::mail_words
