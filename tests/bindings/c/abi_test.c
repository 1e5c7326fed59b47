/* The C library as a program in plain C11 meets it: the engine, a platform in memory, on a file, on a database of the program's own and,
 * given the folder of a cluster (scripts/postgres), on PostgreSQL; webhooks to a receiver on this machine. */
#include <orkestr/orkestr.h>

#include <sqlite3.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_int failed, checked;

#define CHECK(that)                                                      \
  do {                                                                   \
    ++checked;                                                           \
    if (!(that)) {                                                       \
      ++failed;                                                          \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #that); \
    }                                                                    \
  } while (0)

static orkestr_text text(const char *zero) {
  orkestr_text made = {zero, strlen(zero)};
  return made;
}
static int same(orkestr_text a, const char *b) { return a.size == strlen(b) && memcmp(a.data, b, a.size) == 0; }
static int has(orkestr_text a, const char *part) {
  const size_t size = strlen(part);
  for (size_t i = 0; i + size <= a.size; ++i)
    if (memcmp(a.data + i, part, size) == 0) return 1;
  return 0;
}
/* Whether it went well; says why not. */
static int fine(orkestr_error *error) {
  if (error == NULL) return 1;
  const orkestr_text said = orkestr_error_json(error);
  fprintf(stderr, "%.*s\n", (int)said.size, said.data);
  orkestr_error_free(error);
  return 0;
}
static int refused(orkestr_error *error, const char *code) {
  if (error == NULL) return 0;
  const int as_told = strcmp(orkestr_error_code(error), code) == 0;
  if (!as_told) fprintf(stderr, "%s in place of %s\n", orkestr_error_code(error), code);
  orkestr_error_free(error);
  return as_told;
}

#define RULES "\"timeZone\":\"America/Chicago\",\"rules\":[{\"dayOfWeek\":0,\"startTime\":\"15:00\",\"endTime\":\"16:00\",\"slotMinutes\":60,\"capacity\":3}]"
#define OFFERING                                                                                                     \
  "{\"title\":\"Loft\",\"productTypeKey\":\"space\",\"basePriceCents\":12000,\"currency\":\"USD\",\"taxRateBps\":888}"

static void the_engine(void) {
  orkestr_buffer *answer = NULL;
  CHECK(orkestr_abi() == ORKESTR_ABI);
  CHECK(fine(orkestr_engine(text("functions"), text("{}"), &answer)));
  CHECK(has(orkestr_buffer_text(answer), "\"slots\"") && has(orkestr_buffer_text(answer), "\"quote\""));
  orkestr_buffer_free(answer);

  /* The first case of users: Chicago, the day on which clocks go forward. */
  CHECK(fine(orkestr_engine(text("slots"),
                            text("{" RULES ",\"from\":\"2025-03-09T00:00:00Z\",\"to\":\"2025-03-10T12:00:00Z\",\"now\":\"2025-03-01T00:00:00Z\","
                                 "\"taken\":[{\"startsAt\":\"2025-03-09T20:30:00Z\",\"endsAt\":\"2025-03-09T21:30:00Z\",\"quantity\":2}]}"),
                            &answer)));
  CHECK(same(orkestr_buffer_text(answer),
             "{\"slots\":[{\"startsAt\":\"2025-03-09T20:00:00Z\",\"endsAt\":\"2025-03-09T21:00:00Z\",\"capacity\":3,\"remaining\":1}]}"));
  orkestr_buffer_free(answer);

  CHECK(fine(orkestr_engine(text("check"),
                            text("{" RULES ",\"startsAt\":\"2025-03-09T20:00:00Z\",\"endsAt\":\"2025-03-09T21:00:00Z\",\"now\":\"2025-03-01T00:00:00Z\"}"),
                            &answer)));
  CHECK(same(orkestr_buffer_text(answer), "{\"capacity\":3,\"remaining\":3}"));
  orkestr_buffer_free(answer);
  answer = NULL;
  CHECK(refused(orkestr_engine(text("check"),
                               text("{" RULES ",\"startsAt\":\"2025-03-09T19:00:00Z\",\"endsAt\":\"2025-03-09T20:00:00Z\",\"now\":\"2025-03-01T00:00:00Z\"}"),
                               &answer),
                "slot_unavailable"));
  CHECK(answer == NULL);

  CHECK(fine(orkestr_engine(text("explain"),
                            text("{" RULES ",\"from\":\"2025-03-09T00:00:00Z\",\"to\":\"2025-03-10T00:00:00Z\",\"now\":\"2025-03-09T19:59:00Z\","
                                 "\"minNoticeMinutes\":60}"),
                            &answer)));
  CHECK(has(orkestr_buffer_text(answer), "\"reason\":\"notice\""));
  orkestr_buffer_free(answer);

  CHECK(fine(orkestr_engine(text("quote"),
                            text("{\"offering\":" OFFERING ",\"startsAt\":\"2026-05-16T20:00:00Z\",\"endsAt\":\"2026-05-17T00:00:00Z\",\"quantity\":2,"
                                 "\"now\":\"2026-05-15T12:00:00Z\",\"coupon\":{\"code\":\"TEN\",\"kind\":\"PERCENT\",\"amount\":10}}"),
                            &answer)));
  /* 4 hours × 2 × 120.00, 10 % off, 8.88 % on top. */
  CHECK(has(orkestr_buffer_text(answer), "\"subtotalCents\":96000,\"discountCents\":9600,\"taxCents\":7672,\"totalCents\":94072,\"currency\":\"USD\"}"));
  orkestr_buffer_free(answer);

  CHECK(fine(orkestr_engine(text("refund_terms"),
                            text("{\"policy\":{\"kind\":\"FLEXIBLE\"},\"bookedAt\":\"2026-05-01T00:00:00Z\",\"startsAt\":\"2026-05-10T12:00:00Z\","
                                 "\"now\":\"2026-05-09T12:00:00Z\"}"),
                            &answer)));
  CHECK(has(orkestr_buffer_text(answer), "\"refundPercent\":100"));
  orkestr_buffer_free(answer);
  CHECK(fine(orkestr_engine(text("risk"), text("{\"email\":\"a@mailinator.com\",\"amountCents\":10000,\"leadMinutes\":10}"), &answer)));
  CHECK(has(orkestr_buffer_text(answer), "\"disposable_email\""));
  orkestr_buffer_free(answer);
  CHECK(fine(orkestr_engine(text("performance_score"), text("{\"ratingSum\":45,\"ratingCount\":10,\"decided\":10,\"confirmed\":5}"), &answer)));
  CHECK(has(orkestr_buffer_text(answer), "\"ratingAverage\":4.5"));
  orkestr_buffer_free(answer);

  CHECK(refused(orkestr_engine(text("nothing"), text("{}"), &answer), "not_found"));
  CHECK(refused(orkestr_engine(text("slots"), text("{"), &answer), "malformed_json"));
  CHECK(refused(orkestr_engine(text("slots"), text("{}"), NULL), "invalid_parameter"));
  orkestr_error *error = orkestr_engine(text("slots"), text("{" RULES ",\"from\":1,\"to\":\"2025-03-10T00:00:00Z\",\"nothing\":0}"), &answer);
  CHECK(error != NULL && strcmp(orkestr_error_code(error), "invalid_fields") == 0 && orkestr_error_status(error) == 422);
  CHECK(has(orkestr_error_json(error), "{\"pointer\":\"/from\",") && has(orkestr_error_json(error), "{\"pointer\":\"/nothing\",") &&
        has(orkestr_error_json(error), "{\"pointer\":\"/now\","));
  orkestr_error_free(error);
  orkestr_error_free(NULL);
  orkestr_buffer_free(NULL);
}

static void the_fast_paths(void) {
  orkestr_schedule *schedule = NULL;
  CHECK(fine(orkestr_schedule_new(text("{" RULES "}"), &schedule)));
  const orkestr_occupancy taken = {1741552200000, 1741555800000, 2, 0}; /* 20:30 to 21:30 */
  orkestr_slots_query query = {sizeof query, 1741478400000, 1741608000000, 1740787200000, &taken, 1, 0};
  orkestr_slots *slots = NULL;
  CHECK(fine(orkestr_schedule_slots(schedule, &query, &slots)));
  CHECK(orkestr_slots_count(slots) == 1);
  const orkestr_slot *first = orkestr_slots_data(slots);
  CHECK(first != NULL && first->start_ms == 1741550400000 && first->end_ms == 1741554000000 && first->capacity == 3 && first->remaining == 1);
  orkestr_slots_free(slots);
  query.to_ms = query.from_ms;
  slots = NULL;
  CHECK(refused(orkestr_schedule_slots(schedule, &query, &slots), "range_too_long"));
  query.struct_size = 8; /* of no header there ever was */
  CHECK(refused(orkestr_schedule_slots(schedule, &query, &slots), "invalid_parameter"));
  CHECK(refused(orkestr_schedule_slots(NULL, &query, &slots), "invalid_parameter"));
  CHECK(slots == NULL);
  orkestr_schedule_free(schedule);
  CHECK(refused(orkestr_schedule_new(text("{\"timeZone\":\"Nowhere/City\"}"), &schedule), "invalid_parameter"));

  orkestr_price_list *prices = NULL;
  CHECK(fine(orkestr_price_list_new(text("{\"offering\":" OFFERING "}"), &prices)));
  const orkestr_quote_query asked = {sizeof asked, 1778961600000, 1778976000000, 1778846400000, 0, 0, 0, 2};
  struct {
    orkestr_quote quote;
    char beyond[8];
  } room;
  memset(&room, 'x', sizeof room);
  room.quote.struct_size = sizeof room.quote;
  CHECK(fine(orkestr_price_list_quote(prices, &asked, &room.quote)));
  CHECK(room.quote.subtotal == 96000 && room.quote.discount == 0 && room.quote.tax == 8525 && room.quote.total == 104525);
  CHECK(room.quote.unit == 48000 && strcmp(room.quote.currency, "USD") == 0);
  CHECK(memcmp(room.beyond, "xxxxxxxx", 8) == 0);
  orkestr_price_list_free(prices);
}

static void webhooks(void) {
  /* The example of the Standard Webhooks specification. */
  const orkestr_header headers[] = {{text("webhook-id"), text("msg_p5jXN8AQM9LWM0D4loKWxJek")},
                                    {text("Webhook-Timestamp"), text("1614265330")},
                                    {text("webhook-signature"), text("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")}};
  const orkestr_text secret = text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  orkestr_delivery delivery = {sizeof delivery, text("{\"test\": 2432232314}"), headers, 3, &secret, 1, 1614265330000, 0};
  orkestr_buffer *answer = NULL;
  CHECK(fine(orkestr_verify_webhook(&delivery, &answer)));
  CHECK(has(orkestr_buffer_text(answer), "\"deliveryId\":\"msg_p5jXN8AQM9LWM0D4loKWxJek\""));
  orkestr_buffer_free(answer);
  delivery.body = text("{\"test\": 2432232315}");
  CHECK(refused(orkestr_verify_webhook(&delivery, NULL), "unauthenticated"));
  delivery.now_ms += 301000;
  CHECK(refused(orkestr_verify_webhook(&delivery, NULL), "unauthenticated"));
}

/* ---- A platform */

static orkestr_response *ask(orkestr_platform *platform, const char *key, const char *method, const char *target, const char *body) {
  char bearer[128];
  snprintf(bearer, sizeof bearer, "Bearer %s", key);
  const orkestr_header headers[] = {{text("Authorization"), text(bearer)}, {text("Content-Type"), text("application/json")}};
  const orkestr_request request = {sizeof request, text(method), text(target), headers, 2, text(body), text("127.0.0.1")};
  orkestr_response *response = NULL;
  CHECK(fine(orkestr_platform_handle(platform, &request, &response)));
  return response;
}

/* The text of a member: enough for ids and keys. */
static void member(orkestr_text json, const char *name, char *out, size_t room) {
  char pattern[64];
  snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
  const size_t size = strlen(pattern);
  out[0] = '\0';
  for (size_t i = 0; i + size < json.size; ++i)
    if (memcmp(json.data + i, pattern, size) == 0) {
      size_t n = 0;
      for (i += size; i < json.size && json.data[i] != '"' && n + 1 < room; ++i) out[n++] = json.data[i];
      out[n] = '\0';
      return;
    }
}

static int64_t standing_clock(void *context) {
  (void)context;
  return 1778846400000; /* 2026-05-15T12:00:00Z */
}

struct wakes {
  pthread_mutex_t mutex;
  int count;
};
static void on_events(void *context) {
  struct wakes *wakes = context;
  pthread_mutex_lock(&wakes->mutex);
  ++wakes->count;
  pthread_mutex_unlock(&wakes->mutex);
}

struct racer {
  orkestr_platform *platform;
  const char *key, *body;
  int status;
};
static void *race(void *given) {
  struct racer *racer = given;
  orkestr_response *response = ask(racer->platform, racer->key, "POST", "/v1/api/bookings", racer->body);
  racer->status = orkestr_response_status(response);
  orkestr_response_free(response);
  return NULL;
}

/* Everything that may be shared, used by several threads at once; each counts what was as it is to be. */
struct shared {
  orkestr_platform *platform;
  orkestr_schedule *schedule;
  orkestr_price_list *prices;
  const char *key, *tenant;
  atomic_int right;
};
enum { rounds = 20 };
static void *share(void *given) {
  struct shared *shared = given;
  for (int i = 0; i < rounds; ++i) {
    const orkestr_slots_query query = {sizeof query, 1741478400000, 1741608000000, 1740787200000, NULL, 0, 0};
    orkestr_slots *slots = NULL;
    if (fine(orkestr_schedule_slots(shared->schedule, &query, &slots))) shared->right += orkestr_slots_count(slots) == 1;
    orkestr_slots_free(slots);
    const orkestr_quote_query asked = {sizeof asked, 1778961600000, 1778976000000, 1778846400000, 0, 0, 0, 2};
    orkestr_quote quote = {sizeof quote};
    if (fine(orkestr_price_list_quote(shared->prices, &asked, &quote))) shared->right += quote.total == 104525;
    const orkestr_header bearer = {text("Authorization"), text(shared->key)};
    const orkestr_request request = {sizeof request, text("GET"), text("/v1/api/offerings"), &bearer, 1, text(""), text("127.0.0.1")};
    orkestr_response *response = NULL;
    if (fine(orkestr_platform_handle(shared->platform, &request, &response)))
      shared->right += orkestr_response_status(response) == 200 && has(orkestr_response_body(response), "\"title\":\"Loft\"");
    orkestr_response_free(response);
    orkestr_buffer *made = NULL;
    if (fine(orkestr_platform_events(shared->platform, text(shared->tenant), text(""), 1, &made)))
      shared->right += has(orkestr_buffer_text(made), "\"event\":\"offering.published\"");
    orkestr_buffer_free(made);
    shared->right += fine(orkestr_platform_run_due(shared->platform, NULL));
    orkestr_error *error = orkestr_schedule_new(text("{}"), NULL);
    shared->right += error != NULL && has(orkestr_error_json(error), "invalid_parameter");
    orkestr_error_free(error);
  }
  return NULL;
}
static void many_threads(orkestr_platform *platform, const char *key, const char *tenant) {
  char bearer[128];
  snprintf(bearer, sizeof bearer, "Bearer %s", key);
  struct shared shared = {platform, NULL, NULL, bearer, tenant, 0};
  CHECK(fine(orkestr_schedule_new(text("{" RULES "}"), &shared.schedule)));
  CHECK(fine(orkestr_price_list_new(text("{\"offering\":" OFFERING "}"), &shared.prices)));
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, share, &shared);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  CHECK(shared.right == 4 * rounds * 6);
  orkestr_schedule_free(shared.schedule);
  orkestr_price_list_free(shared.prices);
}

static void a_business(orkestr_options options) {
  struct wakes wakes = {PTHREAD_MUTEX_INITIALIZER, 0};
  options.struct_size = sizeof options;
  options.now_ms = standing_clock;
  options.on_events = on_events;
  options.context = &wakes;
  orkestr_platform *platform = NULL;
  if (!fine(orkestr_platform_open(&options, &platform))) {
    CHECK(!"opened");
    return;
  }
  orkestr_buffer *made = NULL;
  CHECK(fine(orkestr_platform_create_tenant(
      platform, text("{\"name\":\"Atlas\",\"subdomain\":\"atlas\",\"timeZone\":\"America/New_York\",\"displayCurrency\":\"USD\"}"), &made)));
  char key[96], tenant[64], offering[64];
  member(orkestr_buffer_text(made), "apiKey", key, sizeof key);
  member(orkestr_buffer_text(made), "id", tenant, sizeof tenant);
  orkestr_buffer_free(made);
  CHECK(refused(orkestr_platform_create_tenant(platform, text("{\"name\":\"Atlas\",\"subdomain\":\"atlas\"}"), &made), "subdomain_taken"));

  orkestr_response *response = ask(platform, key, "GET", "/v1/api/me", "");
  CHECK(orkestr_response_status(response) == 200 && has(orkestr_response_body(response), "\"subdomain\":\"atlas\""));
  int json = 0;
  for (size_t i = 0; i < orkestr_response_header_count(response); ++i) {
    const orkestr_header header = orkestr_response_header(response, i);
    json += same(header.name, "Content-Type") && has(header.value, "application/json");
  }
  CHECK(json == 1);
  CHECK(orkestr_response_header(response, 1000).name.size == 0);
  orkestr_response_free(response);
  response = ask(platform, "ork_wrong", "GET", "/v1/api/me", "");
  CHECK(orkestr_response_status(response) == 401);
  orkestr_response_free(response);

  response = ask(platform, key, "POST", "/v1/api/offerings",
                 "{\"title\":\"Loft\",\"productTypeKey\":\"space\",\"basePriceCents\":12000,\"currency\":\"USD\",\"status\":\"PUBLISHED\","
                 "\"timeZone\":\"America/New_York\",\"autoApprove\":true}");
  CHECK(orkestr_response_status(response) == 201);
  member(orkestr_response_body(response), "id", offering, sizeof offering);
  orkestr_response_free(response);
  char target[200], booking[400];
  snprintf(target, sizeof target, "/v1/provider/offerings/%s/availability/rules", offering);
  response = ask(platform, key, "POST", target, "{\"dayOfWeek\":1,\"startTime\":\"09:00\",\"endTime\":\"12:00\",\"slotMinutes\":60,\"capacity\":2}");
  CHECK(orkestr_response_status(response) == 201);
  orkestr_response_free(response);

  /* Six want a slot that has room for two, from six threads. */
  snprintf(booking, sizeof booking,
           "{\"offeringId\":\"%s\",\"startsAt\":\"2026-05-18T13:00:00Z\",\"endsAt\":\"2026-05-18T14:00:00Z\",\"quantity\":1,"
           "\"customer\":{\"name\":\"Ada\",\"email\":\"ada@example.com\"}}",
           offering);
  pthread_t threads[6];
  struct racer racers[6];
  for (int i = 0; i < 6; ++i) {
    racers[i] = (struct racer){platform, key, booking, 0};
    pthread_create(&threads[i], NULL, race, &racers[i]);
  }
  int booked = 0, full = 0;
  for (int i = 0; i < 6; ++i) {
    pthread_join(threads[i], NULL);
    booked += racers[i].status == 201;
    full += racers[i].status == 409;
  }
  CHECK(booked == 2 && full == 4);
  CHECK(wakes.count >= 2);
  many_threads(platform, key, tenant);

  CHECK(fine(orkestr_platform_events(platform, text(tenant), text(""), 100, &made)));
  CHECK(has(orkestr_buffer_text(made), "\"event\":\"booking.created\""));
  orkestr_buffer_free(made);
  CHECK(fine(orkestr_platform_run_due(platform, &made)));
  CHECK(has(orkestr_buffer_text(made), "\"completedBookings\":0"));
  orkestr_buffer_free(made);
  CHECK(fine(orkestr_platform_run_due(platform, NULL)));
  orkestr_platform_free(platform);
}

/* ---- Webhooks, to a receiver that fails once */

struct delivery {
  char event[40], id[64];
  int signed_right;
};
struct receiver {
  int socket, port;
  atomic_int failures; /* how many are answered by 500 */
  pthread_mutex_t mutex;
  char secret[80];
  int64_t now_ms;
  int count;
  struct delivery came[16];
};

static int64_t receiver_clock(void *context) {
  struct receiver *receiver = context;
  pthread_mutex_lock(&receiver->mutex);
  const int64_t now = receiver->now_ms;
  pthread_mutex_unlock(&receiver->mutex);
  return now;
}

static int came(struct receiver *receiver) {
  pthread_mutex_lock(&receiver->mutex);
  const int count = receiver->count;
  pthread_mutex_unlock(&receiver->mutex);
  return count;
}

static void take_delivery(struct receiver *receiver, char *head, orkestr_text body) {
  orkestr_header headers[32];
  size_t count = 0;
  struct delivery delivery = {{0}, {0}, 0};
  for (char *rest = NULL, *line = strtok_r(head, "\r\n", &rest); line != NULL && count < 32; line = strtok_r(NULL, "\r\n", &rest)) {
    char *colon = strstr(line, ": ");
    if (colon == NULL) continue; /* the first line */
    *colon = '\0';
    headers[count++] = (orkestr_header){text(line), text(colon + 2)};
    if (strcmp(line, "X-Orkestr-Event") == 0) snprintf(delivery.event, sizeof delivery.event, "%s", colon + 2);
    if (strcmp(line, "webhook-id") == 0) snprintf(delivery.id, sizeof delivery.id, "%s", colon + 2);
  }
  pthread_mutex_lock(&receiver->mutex);
  const orkestr_text secret = text(receiver->secret);
  const orkestr_delivery given = {sizeof given, body, headers, count, &secret, 1, receiver->now_ms, 0};
  delivery.signed_right = fine(orkestr_verify_webhook(&given, NULL));
  if (receiver->count < 16) receiver->came[receiver->count++] = delivery;
  pthread_mutex_unlock(&receiver->mutex);
}

static void *receive(void *given) {
  struct receiver *receiver = given;
  for (int peer; (peer = accept(receiver->socket, NULL, NULL)) >= 0; close(peer)) {
    char request[16384] = {0}, *body = NULL;
    size_t size = 0, length = 0;
    while (size + 1 < sizeof request && (body == NULL || size < (size_t)(body - request) + length)) {
      const ssize_t more = recv(peer, request + size, sizeof request - 1 - size, 0);
      if (more <= 0) break;
      size += (size_t)more;
      if (body != NULL || (body = strstr(request, "\r\n\r\n")) == NULL) continue;
      body += 4;
      const char *announced = strstr(request, "Content-Length: ");
      length = announced != NULL ? strtoul(announced + 16, NULL, 10) : 0;
    }
    if (body == NULL) continue; /* nothing was asked */
    body[-1] = '\0';
    take_delivery(receiver, request, (orkestr_text){body, length});
    const char *answer = atomic_fetch_sub(&receiver->failures, 1) > 0
                             ? "HTTP/1.1 500 Not now\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                             : "HTTP/1.1 204 Thanks\r\nConnection: close\r\n\r\n";
    if (send(peer, answer, strlen(answer), MSG_NOSIGNAL) < 0) break;
  }
  return NULL;
}

/* Waits for at most ten seconds, and does what is due meanwhile. */
static int comes_to(orkestr_platform *platform, struct receiver *receiver, int count) {
  for (int i = 0; i < 200 && came(receiver) < count; ++i) {
    CHECK(fine(orkestr_platform_run_due(platform, NULL)));
    usleep(50000);
  }
  return came(receiver) == count;
}

/* Whether the list of deliveries comes to have this in it. */
static int noted(orkestr_platform *platform, const char *key, const char *target, const char *part) {
  int found = 0;
  for (int i = 0; i < 200 && !found; ++i, usleep(50000)) {
    orkestr_response *response = ask(platform, key, "GET", target, "");
    found = has(orkestr_response_body(response), part);
    orkestr_response_free(response);
  }
  return found;
}

/* A store that is there when it is opened again. */
static void webhooks_are_sent(orkestr_options options) {
  struct receiver receiver = {.failures = 1, .now_ms = standing_clock(NULL)};
  pthread_mutex_init(&receiver.mutex, NULL);
  receiver.socket = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  CHECK(bind(receiver.socket, (struct sockaddr *)&address, size) == 0 && listen(receiver.socket, 8) == 0);
  CHECK(getsockname(receiver.socket, (struct sockaddr *)&address, &size) == 0);
  pthread_t receives;
  pthread_create(&receives, NULL, receive, &receiver);

  char key[96], offering[64], webhook[64], id[64], target[200], body[400];
  options.struct_size = sizeof options;
  options.secrets = text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  options.now_ms = receiver_clock;
  options.context = &receiver;
  orkestr_platform *platform = NULL;
  orkestr_buffer *made = NULL;
  snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%d/pms\",\"events\":[\"booking.*\"]}", ntohs(address.sin_port));

  /* Nobody but who is asked to lets webhooks lead to this machine. */
  CHECK(fine(orkestr_platform_open(&options, &platform)));
  CHECK(fine(orkestr_platform_create_tenant(platform, text("{\"name\":\"Hooked\",\"subdomain\":\"hooked\"}"), &made)));
  member(orkestr_buffer_text(made), "apiKey", key, sizeof key);
  orkestr_buffer_free(made);
  orkestr_response *response = ask(platform, key, "POST", "/v1/provider/webhooks", body);
  CHECK(orkestr_response_status(response) == 422);
  orkestr_response_free(response);
  orkestr_platform_free(platform);

  /* What another is to send is owed, and not sent. */
  options.webhooks = ORKESTR_WEBHOOKS_LOOPBACK | ORKESTR_WEBHOOKS_OFF;
  CHECK(fine(orkestr_platform_open(&options, &platform)));
  response = ask(platform, key, "POST", "/v1/provider/webhooks", body);
  CHECK(orkestr_response_status(response) == 201);
  member(orkestr_response_body(response), "id", webhook, sizeof webhook);
  member(orkestr_response_body(response), "secret", receiver.secret, sizeof receiver.secret);
  orkestr_response_free(response);
  response = ask(platform, key, "POST", "/v1/api/offerings",
                 "{\"title\":\"Loft\",\"productTypeKey\":\"space\",\"basePriceCents\":12000,\"currency\":\"USD\",\"status\":\"PUBLISHED\","
                 "\"timeZone\":\"America/New_York\",\"autoApprove\":true}");
  member(orkestr_response_body(response), "id", offering, sizeof offering);
  orkestr_response_free(response);
  snprintf(target, sizeof target, "/v1/provider/offerings/%s/availability/rules", offering);
  orkestr_response_free(
      ask(platform, key, "POST", target, "{\"dayOfWeek\":1,\"startTime\":\"09:00\",\"endTime\":\"12:00\",\"slotMinutes\":60}"));
  snprintf(body, sizeof body,
           "{\"offeringId\":\"%s\",\"startsAt\":\"2026-05-18T13:00:00Z\",\"endsAt\":\"2026-05-18T14:00:00Z\",\"quantity\":1,"
           "\"customer\":{\"name\":\"Ada\",\"email\":\"ada@example.com\"}}",
           offering);
  response = ask(platform, key, "POST", "/v1/api/bookings", body);
  member(orkestr_response_body(response), "id", id, sizeof id);
  orkestr_response_free(response);
  snprintf(target, sizeof target, "/v1/api/bookings/%s/approve", id);
  response = ask(platform, key, "POST", target, "");
  CHECK(orkestr_response_status(response) == 200 && has(orkestr_response_body(response), "\"status\":\"CONFIRMED\""));
  orkestr_response_free(response);
  CHECK(fine(orkestr_platform_run_due(platform, NULL)));
  orkestr_platform_free(platform);
  CHECK(came(&receiver) == 0);

  /* It is sent by who opens it next: what fails is tried again, and what comes after it waits. */
  options.webhooks = ORKESTR_WEBHOOKS_LOOPBACK;
  CHECK(fine(orkestr_platform_open(&options, &platform)));
  CHECK(comes_to(platform, &receiver, 1));
  snprintf(target, sizeof target, "/v1/provider/webhooks/%s/deliveries?event=booking.created", webhook);
  CHECK(noted(platform, key, target, "\"lastStatus\":500"));
  pthread_mutex_lock(&receiver.mutex);
  receiver.now_ms += 15000; /* the second attempt comes within 12 seconds */
  pthread_mutex_unlock(&receiver.mutex);
  CHECK(comes_to(platform, &receiver, 3));
  snprintf(target, sizeof target, "/v1/provider/webhooks/%s/deliveries?status=SUCCEEDED&event=booking.confirmed", webhook);
  CHECK(noted(platform, key, target, "\"attempts\":1"));
  orkestr_platform_free(platform);
  shutdown(receiver.socket, SHUT_RDWR);
  pthread_join(receives, NULL);
  close(receiver.socket);
  const struct delivery *all = receiver.came;
  CHECK(strcmp(all[0].event, "booking.created") == 0 && strcmp(all[1].id, all[0].id) == 0);
  CHECK(strcmp(all[2].event, "booking.confirmed") == 0 && strcmp(all[2].id, all[0].id) != 0);
  CHECK(all[0].signed_right && all[1].signed_right && all[2].signed_right);
}

/* ---- A database of the program's own: SQLite by its C interface */

struct database {
  const char *file;
};
struct line {
  sqlite3 *db;
};

static int32_t verdict(sqlite3 *db, int code) {
  if (code == SQLITE_ROW) return ORKESTR_ROW;
  if (code == SQLITE_OK || code == SQLITE_DONE) return ORKESTR_DONE;
  const int whole = sqlite3_extended_errcode(db);
  return whole == SQLITE_CONSTRAINT_UNIQUE || whole == SQLITE_CONSTRAINT_PRIMARYKEY ? ORKESTR_NOT_UNIQUE : ORKESTR_FAILED;
}
static int32_t host_open(void *context, int32_t writes, void **connection) {
  struct database *database = context;
  struct line *line = calloc(1, sizeof *line);
  (void)writes;
  if (sqlite3_open(database->file, &line->db) != SQLITE_OK) return ORKESTR_FAILED;
  sqlite3_busy_timeout(line->db, 5000);
  sqlite3_exec(line->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
  *connection = line;
  return ORKESTR_DONE;
}
static void host_close(void *connection) {
  struct line *line = connection;
  CHECK(sqlite3_close(line->db) == SQLITE_OK); /* nothing of it is still in use */
  free(line);
}
static int32_t host_run(void *connection, orkestr_text sql) {
  struct line *line = connection;
  char *zero = malloc(sql.size + 1);
  memcpy(zero, sql.data, sql.size);
  zero[sql.size] = '\0';
  const int code = sqlite3_exec(line->db, zero, NULL, NULL, NULL);
  free(zero);
  return verdict(line->db, code);
}
static int32_t host_prepare(void *connection, orkestr_text sql, void **statement) {
  struct line *line = connection;
  sqlite3_stmt *made = NULL;
  const int code = sqlite3_prepare_v2(line->db, sql.data, (int)sql.size, &made, NULL);
  *statement = made;
  return verdict(line->db, code);
}
static void host_finalize(void *statement) { sqlite3_finalize(statement); }
static int32_t host_null(void *s, int32_t p) { return verdict(sqlite3_db_handle(s), sqlite3_bind_null(s, p)); }
static int32_t host_integer(void *s, int32_t p, int64_t v) { return verdict(sqlite3_db_handle(s), sqlite3_bind_int64(s, p, v)); }
static int32_t host_number(void *s, int32_t p, double v) { return verdict(sqlite3_db_handle(s), sqlite3_bind_double(s, p, v)); }
static int32_t host_text(void *s, int32_t p, orkestr_text v) {
  return verdict(sqlite3_db_handle(s), sqlite3_bind_text(s, p, v.data == NULL ? "" : v.data, (int)v.size, SQLITE_STATIC));
}
static int32_t host_step(void *s) { return verdict(sqlite3_db_handle(s), sqlite3_step(s)); }
static int64_t host_changes(void *s) { return sqlite3_changes(sqlite3_db_handle(s)); }
static int32_t host_is_null(void *s, int32_t c) { return sqlite3_column_type(s, c) == SQLITE_NULL; }
static int64_t host_integer_at(void *s, int32_t c) { return sqlite3_column_int64(s, c); }
static double host_number_at(void *s, int32_t c) { return sqlite3_column_double(s, c); }
static orkestr_text host_text_at(void *s, int32_t c) {
  orkestr_text found = {(const char *)sqlite3_column_text(s, c), 0};
  found.size = (size_t)sqlite3_column_bytes(s, c);
  return found;
}
static void host_reset(void *s) {
  sqlite3_reset(s);
  sqlite3_clear_bindings(s);
}
static orkestr_text host_message(void *connection) {
  struct line *line = connection;
  return text(sqlite3_errmsg(line->db));
}

static int psql(const char *cluster, const char *database, const char *sql) {
  char command[300];
  snprintf(command, sizeof command, "psql -qX -h %s -U orkestr -d %s -c '%s'", cluster, database, sql);
  return system(command) == 0;
}
/* In a schema of a database of the program's own, whose tables stay as they are. */
static void on_postgres(const char *cluster, orkestr_options options) {
  char name[32], sql[64], store[200];
  snprintf(name, sizeof name, "abi_%d", (int)getpid());
  snprintf(sql, sizeof sql, "CREATE DATABASE %s", name);
  CHECK(psql(cluster, "orkestr", sql));
  CHECK(psql(cluster, name, "CREATE TABLE rooms (tenant_id TEXT); INSERT INTO rooms SELECT 1; CREATE SCHEMA orkestr"));
  snprintf(store, sizeof store, "postgresql://orkestr@/%s?host=%s&options=-csearch_path%%3Dorkestr", name, cluster);
  options.store = text(store);
  a_business(options);
  webhooks_are_sent(options);
  CHECK(psql(cluster, name, "SELECT 1 / count(*) FROM rooms"));
  snprintf(sql, sizeof sql, "DROP DATABASE %s", name);
  CHECK(psql(cluster, "orkestr", sql));
}

int main(int arguments, char **given) {
  char folder[] = "/tmp/orkestr-abi-XXXXXX", file[64], own[64];
  if (mkdtemp(folder) == NULL) return 1;
  snprintf(file, sizeof file, "%s/orkestr.db", folder);
  snprintf(own, sizeof own, "%s/pms.db", folder);

  the_engine();
  the_fast_paths();
  webhooks();

  orkestr_options options = {0};
  options.store = text("memory:");
  a_business(options);
  options.store = text(file);
  a_business(options);
  webhooks_are_sent(options);
  if (arguments > 1) on_postgres(given[1], options);

  struct database database = {own};
  const orkestr_storage storage = {sizeof storage, &database,    2,           host_open,       host_close,     host_run,     host_prepare,
                                   host_finalize,  host_null,    host_integer, host_number,    host_text,      host_step,    host_changes,
                                   host_is_null,   host_integer_at, host_number_at, host_text_at, host_reset,  host_message};
  sqlite3 *pms = NULL;
  CHECK(sqlite3_open(own, &pms) == SQLITE_OK);
  CHECK(sqlite3_exec(pms, "CREATE TABLE rooms (name TEXT); INSERT INTO rooms VALUES ('Loft'); PRAGMA user_version = 77", NULL, NULL, NULL) == SQLITE_OK);
  sqlite3_close(pms);
  options.store = text("");
  options.storage = &storage;
  a_business(options);
  webhooks_are_sent(options);
  /* What was there is as it was, and what was made is there when it is opened again. */
  orkestr_platform *again = NULL;
  options.struct_size = sizeof options;
  CHECK(fine(orkestr_platform_open(&options, &again)));
  orkestr_buffer *made = NULL;
  CHECK(refused(orkestr_platform_create_tenant(again, text("{\"name\":\"Atlas\",\"subdomain\":\"atlas\"}"), &made), "subdomain_taken"));
  orkestr_platform_free(again);
  CHECK(sqlite3_open(own, &pms) == SQLITE_OK);
  sqlite3_stmt *count = NULL;
  CHECK(sqlite3_prepare_v2(pms, "SELECT (SELECT count(*) FROM rooms), (SELECT count(*) FROM bookings), (SELECT user_version FROM pragma_user_version)", -1,
                           &count, NULL) == SQLITE_OK);
  CHECK(sqlite3_step(count) == SQLITE_ROW && sqlite3_column_int(count, 0) == 1 && sqlite3_column_int(count, 1) == 3 && sqlite3_column_int(count, 2) == 77);
  sqlite3_finalize(count);
  sqlite3_close(pms);

  orkestr_storage half = storage;
  half.step = NULL;
  options.storage = &half;
  CHECK(refused(orkestr_platform_open(&options, &again), "invalid_parameter"));
  database.file = "/nonexistent/folder/pms.db";
  options.storage = &storage;
  CHECK(refused(orkestr_platform_open(&options, &again), "store_unavailable"));
  options.storage = NULL;
  CHECK(refused(orkestr_platform_open(&options, &again), "invalid_parameter"));
  options.store = text("memory:");
  options.secrets = text("no key");
  CHECK(refused(orkestr_platform_open(&options, &again), "invalid_parameter"));

  char command[96];
  snprintf(command, sizeof command, "rm -r %s", folder);
  if (system(command) != 0) return 1;
  printf("%d checks, %d failed\n", checked, failed);
  return failed != 0;
}
