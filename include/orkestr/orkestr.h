/* Orkestr for C, and for every language that calls C: the engine's pure functions, and a whole booking platform with its REST API.
 *
 * Ownership.  What a function hands out by a pointer to a pointer is the caller's, to be freed by the function of its name. Texts that
 *             accessors return (orkestr_text) belong to their object and live as long as it does. Texts that go in are borrowed for the call.
 * Errors.     A function that can fail returns NULL, or an error that is the caller's; then nothing was handed out. No C++ exception leaves.
 * Structs.    Those that go in begin with `struct_size`, to be set to sizeof the struct: a program that was compiled against an older
 *             header keeps working, its newer fields count as 0. Texts, and what goes in and out in arrays, stay as they are.
 * Threads.    Every function may be called from any thread. One object may be used by several threads at once unless it says otherwise;
 *             it must not be freed while it is in use. A platform does not go along into a forked process.
 * Texts       are UTF-8 with a length, and need no zero at their end. Times are milliseconds since 1970-01-01T00:00:00Z, intervals are
 *             half-open, amounts are in the minor unit of their currency.
 * Versions.   Symbols are versioned (ORKESTR_0.1). Functions are added, and not changed or taken away while ORKESTR_ABI stays.
 */
#ifndef ORKESTR_ORKESTR_H
#define ORKESTR_ORKESTR_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ORKESTR_API __attribute__((visibility("default")))
#else
#define ORKESTR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define ORKESTR_ABI 1

typedef struct orkestr_error orkestr_error;
typedef struct orkestr_buffer orkestr_buffer;
typedef struct orkestr_schedule orkestr_schedule;
typedef struct orkestr_slots orkestr_slots;
typedef struct orkestr_price_list orkestr_price_list;
typedef struct orkestr_platform orkestr_platform;
typedef struct orkestr_response orkestr_response;

typedef struct orkestr_text {
  const char *data; /* may be NULL where size is 0 */
  size_t size;
} orkestr_text;

/* ORKESTR_ABI of the library that is there, and its version, such as "0.1.0". */
ORKESTR_API uint32_t orkestr_abi(void);
ORKESTR_API const char *orkestr_version(void);

/* ---- Errors: those of the REST API, and no others */

/* Stable, for programs: "slot_unavailable". */
ORKESTR_API const char *orkestr_error_code(const orkestr_error *error);
/* The HTTP status that stands for it. */
ORKESTR_API int32_t orkestr_error_status(const orkestr_error *error);
/* What happened, for a person. */
ORKESTR_API orkestr_text orkestr_error_detail(const orkestr_error *error);
/* All of it as JSON: {"code","status","detail","errors":[{"pointer","code","detail"}]}. */
ORKESTR_API orkestr_text orkestr_error_json(const orkestr_error *error);
ORKESTR_API void orkestr_error_free(orkestr_error *error); /* NULL does nothing, as for all that free */

ORKESTR_API orkestr_text orkestr_buffer_text(const orkestr_buffer *buffer);
ORKESTR_API void orkestr_buffer_free(orkestr_buffer *buffer);

/* ---- The engine: pure functions, JSON in and JSON out; no clock, no file, no network
 *
 * `function` is one of
 *   "slots"          what can be booked in a range          "explain"           why each slot of a range can or can't be
 *   "check"          whether a time may be taken            "quote"             what it costs, line by line
 *   "refund_terms"   what a cancellation gives back         "risk"              a score of 0 to 100 with its reasons
 *   "performance_score"  of a business                      "functions"         the names of all of them
 * Their inputs and answers are described in docs/bindings.md; fields have the names and forms of the REST API.
 * Errors: `not_found` for another function; `malformed_json`, `invalid_fields` and those of the function. */
ORKESTR_API orkestr_error *orkestr_engine(orkestr_text function, orkestr_text json, orkestr_buffer **answer);

/* Slots again and again from one schedule: as the input of "slots", without the range, what is taken, audience and now. Immutable. */
ORKESTR_API orkestr_error *orkestr_schedule_new(orkestr_text json, orkestr_schedule **schedule);
ORKESTR_API void orkestr_schedule_free(orkestr_schedule *schedule);

typedef struct orkestr_occupancy {
  int64_t start_ms, end_ms;
  int32_t quantity;
  int32_t held; /* 1: by a hold, which may lapse */
} orkestr_occupancy;

typedef struct orkestr_slot {
  int64_t start_ms, end_ms;
  int32_t capacity, remaining;
} orkestr_slot;

typedef struct orkestr_slots_query {
  size_t struct_size;
  int64_t from_ms, to_ms; /* at most 366 days */
  int64_t now_ms;
  const orkestr_occupancy *taken; /* any order; may overlap */
  size_t taken_count;
  int32_t provider; /* 1: all slots; 0: those that a customer may take now */
} orkestr_slots_query;

/* Errors: `range_too_long`. */
ORKESTR_API orkestr_error *orkestr_schedule_slots(const orkestr_schedule *schedule, const orkestr_slots_query *query, orkestr_slots **slots);
ORKESTR_API size_t orkestr_slots_count(const orkestr_slots *slots);
/* By start, then end; NULL where there are none. */
ORKESTR_API const orkestr_slot *orkestr_slots_data(const orkestr_slots *slots);
ORKESTR_API void orkestr_slots_free(orkestr_slots *slots);

/* Prices again and again: {"offering":{…},"pricingRules":[…],"coupon":{…}}, as in the input of "quote". Immutable. */
ORKESTR_API orkestr_error *orkestr_price_list_new(orkestr_text json, orkestr_price_list **prices);
ORKESTR_API void orkestr_price_list_free(orkestr_price_list *prices);

typedef struct orkestr_quote_query {
  size_t struct_size;
  int64_t start_ms, end_ms;
  int64_t now_ms;
  int64_t taken, capacity;      /* units over the interval, for rules that look at occupancy */
  int64_t customer_redemptions; /* of the coupon, so far */
  int32_t quantity;
} orkestr_quote_query;

typedef struct orkestr_quote {
  size_t struct_size; /* set by the caller: no more is written */
  int64_t subtotal, discount, tax, total;
  int64_t unit;
  char currency[4]; /* with its zero */
} orkestr_quote;

ORKESTR_API orkestr_error *orkestr_price_list_quote(const orkestr_price_list *prices, const orkestr_quote_query *query, orkestr_quote *quote);

/* ---- Webhooks that were received */

typedef struct orkestr_header {
  orkestr_text name, value;
} orkestr_header;

typedef struct orkestr_delivery {
  size_t struct_size;
  orkestr_text body; /* the bytes as they came in */
  const orkestr_header *headers;
  size_t header_count;
  const orkestr_text *secrets; /* any of them */
  size_t secret_count;
  int64_t now_ms;
  int64_t tolerance_ms; /* 0: five minutes */
} orkestr_delivery;

/* Checks the three headers of Standard Webhooks. `answer`, which may be NULL: {"deliveryId","event","sentAt"}. Errors: `invalid_header`,
 * `unauthenticated`. */
ORKESTR_API orkestr_error *orkestr_verify_webhook(const orkestr_delivery *delivery, orkestr_buffer **answer);

/* ---- The platform: bookings on a store, and the REST API as a function */

/* A database of the host's own, by its own connections: see orkestr_storage below. */
typedef struct orkestr_storage orkestr_storage;

/* Bits of orkestr_options.webhooks. */
enum {
  ORKESTR_WEBHOOKS_OFF = 1,     /* nothing is sent: another process does it */
  ORKESTR_WEBHOOKS_LOOPBACK = 2 /* they may lead to this machine, and there by http: for development and tests */
};

typedef struct orkestr_options {
  size_t struct_size;
  orkestr_text store;             /* "memory:", "postgresql://…", or the name of an SQLite file; not looked at with `storage` */
  const orkestr_storage *storage; /* what it points to must outlive the platform; the struct itself is copied */
  orkestr_text secrets;           /* keys for what is sealed at rest: base64 of 32 bytes each, separated by commas. Without: no webhooks */
  orkestr_text storefront;        /* where tenants' pages are, "https://{tenant}.example.com"; empty: "http://{tenant}.localhost" */
  orkestr_text base_domain;       /* empty: "localhost" */
  int64_t (*now_ms)(void *context); /* NULL: the computer's clock. Called on any thread */
  void (*on_events)(void *context); /* NULL, or told after each commit that made an event, on the thread of that commit; must return soon */
  void *context;
  uint32_t rate_limit; /* requests of a key in 20 seconds; 0: no limit */
  uint32_t webhooks;   /* with `secrets`, they are sent by threads of the platform's own as docs/webhooks.md says; or ORKESTR_WEBHOOKS_… */
} orkestr_options;

/* Errors: `store_unavailable`, `store_locked`, `schema_too_new`, `invalid_parameter`, `not_implemented` for what the library was built
 * without. */
ORKESTR_API orkestr_error *orkestr_platform_open(const orkestr_options *options, orkestr_platform **platform);
/* No call may be under way. Webhooks that are have five seconds to be answered, and are sent again under the same id otherwise. */
ORKESTR_API void orkestr_platform_free(orkestr_platform *platform);

/* {"name","subdomain","displayCurrency"?,"timeZone"?,"locale"?} → {"tenant":{…},"apiKey":"ork_…"}, a key with every scope, shown once. */
ORKESTR_API orkestr_error *orkestr_platform_create_tenant(orkestr_platform *platform, orkestr_text json, orkestr_buffer **answer);

typedef struct orkestr_request {
  size_t struct_size;
  orkestr_text method; /* "GET" */
  orkestr_text target; /* path and query, percent-encoded: "/v1/api/offerings?limit=5" */
  const orkestr_header *headers;
  size_t header_count;
  orkestr_text body;
  orkestr_text peer; /* the caller's address, for limits */
} orkestr_request;

/* Answers a request; what the API refuses is a response, not an error. */
ORKESTR_API orkestr_error *orkestr_platform_handle(orkestr_platform *platform, const orkestr_request *request, orkestr_response **response);
ORKESTR_API int32_t orkestr_response_status(const orkestr_response *response);
ORKESTR_API size_t orkestr_response_header_count(const orkestr_response *response);
/* Empty texts beyond the last. */
ORKESTR_API orkestr_header orkestr_response_header(const orkestr_response *response, size_t index);
ORKESTR_API orkestr_text orkestr_response_body(const orkestr_response *response);
ORKESTR_API void orkestr_response_free(orkestr_response *response);

/* Events of a tenant behind the one with the id `after` (empty: from the first), in the order of their commits: {"data":[{…}]}. What is
 * still under way elsewhere is left out, so that who goes on behind the last misses nothing. */
ORKESTR_API orkestr_error *orkestr_platform_events(orkestr_platform *platform, orkestr_text tenant_id, orkestr_text after, size_t limit,
                                                   orkestr_buffer **answer);

/* Does what is due: completes, expires, forgets, imports files. To be called every second or so; webhooks don't wait for it. `answer` may
 * be NULL; else what was done, as JSON. */
ORKESTR_API orkestr_error *orkestr_platform_run_due(orkestr_platform *platform, orkestr_buffer **answer);

/* ---- Storage by callbacks: the host's own connections to a database that speaks SQLite's SQL
 *
 * Orkestr keeps its tables there, beside the host's, and makes and upgrades them itself. Callbacks that return int32_t say 0 for success,
 * or one of the failures below; step() also ORKESTR_ROW. A connection is used by one thread at a time. Parameters count from 1 and are
 * written $1, $2, …; columns count from 0. */
enum {
  ORKESTR_DONE = 0,
  ORKESTR_ROW = 1,
  ORKESTR_FAILED = -1,    /* whatever else went wrong; message() says what */
  ORKESTR_NOT_UNIQUE = -2 /* a unique index or a primary key refused it */
};

struct orkestr_storage {
  size_t struct_size;
  void *context;
  size_t readers; /* connections that read, at most; 0: those who read share one */
  /* One connection writes (writes = 1) while others read what was committed before. */
  int32_t (*open)(void *context, int32_t writes, void **connection);
  void (*close)(void *connection);
  /* Several statements, without parameters or rows: BEGIN, SAVEPOINT, CREATE TABLE … */
  int32_t (*run)(void *connection, orkestr_text sql);
  /* One statement, kept for as long as the connection. */
  int32_t (*prepare)(void *connection, orkestr_text sql, void **statement);
  void (*finalize)(void *statement);
  int32_t (*bind_null)(void *statement, int32_t parameter);
  int32_t (*bind_integer)(void *statement, int32_t parameter, int64_t value);
  int32_t (*bind_number)(void *statement, int32_t parameter, double value);
  int32_t (*bind_text)(void *statement, int32_t parameter, orkestr_text value); /* borrowed until reset() */
  int32_t (*step)(void *statement);
  int64_t (*changes)(void *statement); /* rows that it touched */
  int32_t (*is_null)(void *statement, int32_t column);
  int64_t (*integer)(void *statement, int32_t column);
  double (*number)(void *statement, int32_t column);
  orkestr_text (*text)(void *statement, int32_t column); /* until the next step() or reset() */
  void (*reset)(void *statement);                        /* with its parameters */
  orkestr_text (*message)(void *connection);             /* of the last failure; until the next call */
};

#ifdef __cplusplus
}
#endif
#endif
