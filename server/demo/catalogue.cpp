#include "demo/catalogue.hpp"

namespace orkestr::server {
namespace {

constexpr DemoOpening desks[] = {{"0123456", "07:00", "22:00", 60, 8}};
constexpr DemoOpening studio[] = {{"12345", "09:00", "21:00", 60, 1}, {"06", "10:00", "18:00", 60, 1}};
constexpr DemoOpening booth[] = {{"123456", "08:00", "20:00", 30, 1}};
constexpr DemoOpening meeting[] = {{"12345", "08:00", "19:00", 60, 1}};
constexpr DemoOpening terrace[] = {{"4", "17:00", "23:00", 60, 1}, {"56", "16:00", "01:00", 60, 1}};
constexpr DemoOpening whole_days[] = {{"0123456", "00:00", "24:00", 1440, 1}};
constexpr DemoOpening kits[] = {{"0123456", "00:00", "24:00", 1440, 3}};
constexpr DemoOpening transfer[] = {{"0123456", "05:00", "23:00", 60, 2}};
constexpr DemoOpening cab[] = {{"0123456", "06:00", "02:00", 30, 4}};
constexpr DemoOpening portrait[] = {{"2345", "10:00", "19:00", 90, 1}, {"6", "09:00", "15:00", 90, 1}};
constexpr DemoOpening styling[] = {{"23456", "08:00", "16:00", 60, 2}};
constexpr DemoOpening yoga[] = {{"12345", "07:00", "08:00", 60, 14}, {"24", "18:30", "19:30", 60, 14}};
constexpr DemoOpening drawing[] = {{"3", "19:00", "21:00", 120, 12}};
constexpr DemoOpening pottery[] = {{"06", "10:00", "16:00", 180, 8}};
constexpr DemoOpening membership[] = {{"1", "09:00", "10:00", 60, 50}};

constexpr DemoOffering catalogue[] =
    {
        {R"({"title":"Riverside Co-working Floor","description":"Forty bright desks above the river, in bays of eight. Phone booths, a kitchen with good coffee, and a rule that calls happen elsewhere.","productTypeKey":"space","status":"PUBLISHED","basePriceCents":1200,"currency":"USD","taxRateBps":888,"categories":["co-working","desks"],"attributes":{"sqft":4200,"seats":40,"amenities":["wifi","coffee","phone booths","printer","showers"],"noiseLevel":"quiet","naturalLight":true,"neighborhood":"Red Hook","city":"Brooklyn"},"photos":[{"url":"https://images.example.com/atlas/riverside-floor.jpg","alt":"Rows of desks beside tall windows over the river"}],"maxAdvanceDays":180,"minNoticeMinutes":30})",
         desks},
        {R"({"title":"Daylight Photo Studio","description":"North light through a nine-metre wall of glass, a cyclorama, and a changing room. Stands and a tethering desk are included.","productTypeKey":"space","status":"PUBLISHED","basePriceCents":9500,"currency":"USD","taxRateBps":888,"categories":["studio","photography"],"attributes":{"sqft":1100,"capacity":12,"ceilingHeightFt":15.5,"amenities":["cyclorama","changing room","blackout","wifi"],"naturalLight":true,"city":"Brooklyn"},"photos":[{"url":"https://images.example.com/atlas/daylight.jpg","alt":"White cyclorama in daylight"}],"bufferAfterMinutes":30,"minDurationMinutes":60,"maxDurationMinutes":600,"cancellationPolicy":{"kind":"MODERATE"}})",
         studio},
        {R"({"title":"Podcast Booth","description":"A room within a room: four microphones, a producer's window, and silence. Recordings leave with you on a drive.","productTypeKey":"space","status":"PUBLISHED","basePriceCents":4800,"currency":"USD","taxRateBps":888,"categories":["studio","audio"],"attributes":{"sqft":120,"capacity":4,"amenities":["4 microphones","mixing desk","acoustic panels"],"noiseLevel":"quiet"},"autoApprove":true,"bufferBeforeMinutes":15})",
         booth},
        {R"({"title":"Quiet Meeting Room for Six","description":"A table, a wall to write on, and a door that closes. Video calls are set up in one touch.","productTypeKey":"space","status":"PUBLISHED","basePriceCents":3500,"currency":"USD","taxRateBps":888,"categories":["meeting room"],"attributes":{"sqft":210,"capacity":6,"amenities":["screen","whiteboard","wifi","coffee"],"noiseLevel":"quiet","wheelchairAccessible":true,"neighborhood":"Downtown","city":"Brooklyn"},"autoApprove":true})",
         meeting},
        {R"({"title":"Rooftop Terrace","description":"Sunset over the harbour for up to sixty guests, with a bar, heaters, and a pavilion in case of rain.","productTypeKey":"space","status":"PUBLISHED","basePriceCents":32000,"currency":"USD","taxRateBps":888,"categories":["events","outdoor"],"attributes":{"sqft":2600,"capacity":60,"amenities":["bar","heaters","sound system"],"noiseLevel":"lively"},"minNoticeMinutes":2880,"minDurationMinutes":120,"cancellationPolicy":{"kind":"STRICT"}})",
         terrace},
        {R"({"title":"Foundry Event Hall","description":"A former iron foundry, hired by the day: weddings, markets, launches. Load-in from the street, 32-amp power, a kitchen for caterers.","productTypeKey":"space","status":"PUBLISHED","pricingModel":"DAILY","basePriceCents":240000,"currency":"USD","taxRateBps":888,"categories":["events"],"attributes":{"sqft":9800,"capacity":350,"amenities":["kitchen","stage","loading dock"]},"minNoticeMinutes":10080,"maxAdvanceDays":540,"cancellationPolicy":{"kind":"CUSTOM","tiers":[{"hoursBefore":720,"refundPercent":100},{"hoursBefore":336,"refundPercent":50}]}})",
         whole_days},
        {R"({"title":"Airport Transfer","description":"Door to terminal at a fixed price, waiting time included. We follow your flight.","productTypeKey":"taxi","status":"PUBLISHED","pricingModel":"ONE_TIME","basePriceCents":8900,"currency":"USD","categories":["transfers"],"attributes":{"vehicle":"Mercedes EQV","vehicleClass":"van","seats":7,"luggage":7,"electric":true,"childSeat":true,"pickupArea":"Brooklyn and Manhattan"},"minNoticeMinutes":180})",
         transfer},
        {R"({"title":"City E-Cab by the Hour","description":"An electric cab and a driver who waits. For days with five addresses.","productTypeKey":"taxi","status":"PUBLISHED","basePriceCents":6200,"currency":"USD","categories":["transfers"],"attributes":{"vehicle":"Tesla Model Y","vehicleClass":"comfort","seats":4,"luggage":3,"electric":true},"autoApprove":true,"maxDurationMinutes":480})",
         cab},
        {R"({"title":"Portrait Session with Noa","description":"Ninety minutes, two set-ups, ten retouched portraits within a week.","productTypeKey":"service","status":"PUBLISHED","pricingModel":"ONE_TIME","basePriceCents":38000,"currency":"USD","taxRateBps":888,"taxInclusive":true,"categories":["photography"],"attributes":{"durationMinutes":90,"provider":"Noa Lindqvist","location":"on-site","includes":["10 retouched portraits","2 backdrops"]},"bufferAfterMinutes":15,"cancellationPolicy":{"kind":"MODERATE"}})",
         portrait},
        {R"({"title":"Make-up and Styling","description":"An hour in the chair before your shoot, with a kit for every skin tone.","productTypeKey":"service","status":"PUBLISHED","basePriceCents":11000,"currency":"USD","categories":["photography","beauty"],"attributes":{"durationMinutes":60,"location":"on-site","includes":["touch-up kit"]}})",
         styling},
        {R"({"title":"Morning Vinyasa","description":"A flowing hour before work, for every level. Mats are here; bring yourself.","productTypeKey":"class","status":"PUBLISHED","pricingModel":"ONE_TIME","basePriceCents":2200,"currency":"USD","categories":["yoga","wellness"],"attributes":{"instructor":"Priya Raman","level":"all","durationMinutes":60,"capacity":14,"style":"vinyasa"},"autoApprove":true,"cancellationPolicy":{"kind":"CUSTOM","tiers":[{"hoursBefore":12,"refundPercent":100}]}})", yoga},
        {R"({"title":"Life Drawing Evening","description":"Two hours with a model, short poses then long ones. Easels and charcoal are provided.","productTypeKey":"class","status":"PUBLISHED","pricingModel":"ONE_TIME","basePriceCents":3800,"currency":"USD","categories":["art"],"attributes":{"instructor":"Marta Oliveira","level":"all","durationMinutes":120,"capacity":12,"minimumAge":18,"equipment":["sketchbook"]}})",
         drawing},
        {R"({"title":"Pottery for Beginners","description":"Three hours at the wheel. Two pieces are glazed and fired for you to collect.","productTypeKey":"class","status":"PUBLISHED","pricingModel":"ONE_TIME","basePriceCents":8500,"currency":"USD","categories":["art","craft"],"attributes":{"instructor":"Ken Watanabe","level":"beginner","durationMinutes":180,"capacity":8}})",
         pottery},
        {R"({"title":"Cinema Camera Kit","description":"Full-frame body, three primes, monitor, and a case that fits in a cab.","productTypeKey":"equipment","status":"PUBLISHED","pricingModel":"DAILY","basePriceCents":18500,"currency":"USD","taxRateBps":888,"categories":["rental","film"],"attributes":{"brand":"Sony","model":"FX3","condition":"excellent","depositCents":150000,"weightKg":9.5,"includes":["24 mm","35 mm","85 mm","7-inch monitor"],"deliveryAvailable":true}})",
         kits},
        {R"({"title":"Studio Membership","description":"Ten studio hours a month, a locker, and first pick of dates.","productTypeKey":"service","status":"PUBLISHED","pricingModel":"SUBSCRIPTION","billingInterval":"MONTH","basePriceCents":49000,"currency":"USD","categories":["membership"],"attributes":{"includes":["10 studio hours","locker"]}})",
         membership},
        {R"({"title":"Darkroom","description":"Opening in spring: black-and-white printing, four enlargers.","productTypeKey":"space","basePriceCents":2800,"currency":"USD","categories":["studio","photography"],"attributes":{"sqft":260,"capacity":4}})",
         {}},
};

constexpr std::string_view coupons[] = {
    R"({"code":"WELCOME10","description":"Ten per cent off the first booking.","kind":"PERCENT","amount":10,"maxPerCustomer":1})",
    R"({"code":"RIVERSIDE","kind":"PERCENT","amount":20,"maxRedemptions":200,"minSubtotalCents":1000})",
    R"({"code":"HALL250","kind":"FIXED","amount":25000,"currency":"USD","minSubtotalCents":200000,"maxRedemptions":10})",
    R"({"code":"SPRING15","description":"A quiet spring: fifteen per cent off.","kind":"PERCENT","amount":15,"validUntil":"2026-06-30T23:59:59Z"})",
};

constexpr std::string_view branding =
    R"({"tagline":"Rooms, light and good coffee on the Red Hook waterfront.","announcement":{"text":"The darkroom opens in spring: ask us for a tour."},"about":"Atlas Studios is a former foundry on the Red Hook waterfront. We opened it in 2016 with eight desks and one kettle.\n\nToday we look after rooms to work, meet and celebrate in, and the people who use them.","saleBadges":[{"label":"New: north light"}],"embedOrigins":["http://localhost:*","http://127.0.0.1:*","http://*.localhost:*"]})";

/// Besides English: those that Apertium translates into.
constexpr std::string_view locales[] = {"ca", "es", "gl"};

constexpr DemoCustomer customers[] = {
    {"Amelia Hart", "amelia.hart@example.com", "+1 718 555 0114"},   {"Jonas Weber", "jonas.weber@example.org", "+49 30 5550 0172"},
    {"Chidi Okafor", "chidi@okafor.example", "+1 917 555 0139"},     {"Lucía Fernández", "lucia.fernandez@example.es", "+34 91 555 01 88"},
    {"Mei Tanaka", "mei.tanaka@example.jp", "+81 3 5550 0101"},      {"Oliver Brandt", "oliver@brandt-film.example", "+1 212 555 0155"},
    {"Sara Haddad", "sara.haddad@example.net", "+1 646 555 0190"},   {"Tom Nguyen", "tom.nguyen@example.com", "+1 347 555 0123"},
    {"Ingrid Solberg", "ingrid@solberg.example", "+47 22 55 01 11"}, {"David Cohen", "d.cohen@example.com", "+1 718 555 0177"},
    {"Zoé Laurent", "zoe.laurent@example.fr", "+33 1 55 50 01 44"},  {"Marcus Bell", "marcus.bell@example.com", "+1 929 555 0166"},
    {"Hana Novak", "hana.novak@example.cz", "+420 255 550 112"},     {"Ravi Patel", "ravi.patel@example.in", "+91 22 5550 0133"},
};

} // namespace

std::span<const DemoOffering> demo_catalogue() { return catalogue; }
std::span<const std::string_view> demo_coupons() { return coupons; }
std::string_view demo_branding() { return branding; }
std::span<const DemoCustomer> demo_customers() { return customers; }
std::span<const std::string_view> demo_locales() { return locales; }

} // namespace orkestr::server
