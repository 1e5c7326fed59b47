// The C library as Node sees it: thin. What waits for a disk or a password's hash runs off the event loop. The rest is in lib/index.js.
#include <napi.h>

#include <orkestr/orkestr.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

template <auto free> struct Free {
  template <class T> void operator()(T* object) const { free(object); }
};
using Error = std::unique_ptr<orkestr_error, Free<orkestr_error_free>>;
using Buffer = std::unique_ptr<orkestr_buffer, Free<orkestr_buffer_free>>;
using Slots = std::unique_ptr<orkestr_slots, Free<orkestr_slots_free>>;
using Response = std::unique_ptr<orkestr_response, Free<orkestr_response_free>>;

orkestr_text borrowed(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(orkestr_text text) { return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size}; }
Napi::String string(Napi::Env env, orkestr_text text) { return Napi::String::New(env, text.size == 0 ? "" : text.data, text.size); }

/// A JavaScript Error with the code, the status and the faults; lib/index.js makes an OrkestrError of it.
Napi::Error error_of(Napi::Env env, const orkestr_error* error) {
  auto made = Napi::Error::New(env, std::string{view(orkestr_error_detail(error))});
  made.Set("orkestr", string(env, orkestr_error_json(error)));
  return made;
}
void check(Napi::Env env, orkestr_error* error) {
  const Error kept(error);
  if (kept) throw error_of(env, kept.get());
}

/// What a caller has passed, or a TypeError.
std::string text_at(const Napi::CallbackInfo& info, std::size_t n) { return info[n].As<Napi::String>().Utf8Value(); }
std::int64_t integer_at(const Napi::CallbackInfo& info, std::size_t n) { return info[n].As<Napi::Number>().Int64Value(); }

/// Headers as a flat list: name, value, name, value.
struct Headers {
  explicit Headers(const Napi::Array& list) {
    for (std::uint32_t i = 0; i < list.Length(); ++i) texts.push_back(list.Get(i).As<Napi::String>().Utf8Value());
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) all.push_back({borrowed(texts[i]), borrowed(texts[i + 1])});
  }
  std::vector<std::string> texts;
  std::vector<orkestr_header> all;
};

std::string bytes_of(const Napi::Value& value) {
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

Napi::Value engine(const Napi::CallbackInfo& info) {
  const auto function = text_at(info, 0), json = text_at(info, 1);
  orkestr_buffer* answer = nullptr;
  check(info.Env(), orkestr_engine(borrowed(function), borrowed(json), &answer));
  const Buffer kept(answer);
  return string(info.Env(), orkestr_buffer_text(answer));
}

Napi::Value verify_webhook(const Napi::CallbackInfo& info) {
  const auto body = bytes_of(info[0]);
  const Headers headers(info[1].As<Napi::Array>());
  std::vector<std::string> texts;
  const auto secrets = info[2].As<Napi::Array>();
  for (std::uint32_t i = 0; i < secrets.Length(); ++i) texts.push_back(secrets.Get(i).As<Napi::String>().Utf8Value());
  std::vector<orkestr_text> keys;
  for (const auto& text : texts) keys.push_back(borrowed(text));
  const orkestr_delivery delivery{sizeof delivery, borrowed(body), headers.all.data(),  headers.all.size(),
                                  keys.data(),     keys.size(),    integer_at(info, 3), integer_at(info, 4)};
  orkestr_buffer* answer = nullptr;
  check(info.Env(), orkestr_verify_webhook(&delivery, &answer));
  const Buffer kept(answer);
  return string(info.Env(), orkestr_buffer_text(answer));
}

class Schedule : public Napi::ObjectWrap<Schedule> {
 public:
  static Napi::Function make(Napi::Env env) { return DefineClass(env, "Schedule", {InstanceMethod<&Schedule::slots>("slots")}); }
  explicit Schedule(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    check(info.Env(), orkestr_schedule_new(borrowed(text_at(info, 0)), &schedule_));
  }
  ~Schedule() override { orkestr_schedule_free(schedule_); }

 private:
  /// (from, to, now, [start, end, quantity, held]…, provider) → [start, end, capacity, remaining]…, flat and in milliseconds
  Napi::Value slots(const Napi::CallbackInfo& info) {
    const auto flat = info[3].As<Napi::Float64Array>();
    std::vector<orkestr_occupancy> taken;
    for (std::size_t i = 0; i + 3 < flat.ElementLength(); i += 4)
      taken.push_back({static_cast<std::int64_t>(flat[i]), static_cast<std::int64_t>(flat[i + 1]), static_cast<std::int32_t>(flat[i + 2]),
                       flat[i + 3] != 0 ? 1 : 0});
    const orkestr_slots_query query{sizeof query,
                                    integer_at(info, 0),
                                    integer_at(info, 1),
                                    integer_at(info, 2),
                                    taken.data(),
                                    taken.size(),
                                    info[4].ToBoolean().Value() ? 1 : 0};
    orkestr_slots* found = nullptr;
    check(info.Env(), orkestr_schedule_slots(schedule_, &query, &found));
    const Slots kept(found);
    const auto count = orkestr_slots_count(found);
    const auto* data = orkestr_slots_data(found);
    auto answer = Napi::Float64Array::New(info.Env(), count * 4);
    for (std::size_t i = 0; i < count; ++i) {
      answer[i * 4] = static_cast<double>(data[i].start_ms);
      answer[i * 4 + 1] = static_cast<double>(data[i].end_ms);
      answer[i * 4 + 2] = data[i].capacity;
      answer[i * 4 + 3] = data[i].remaining;
    }
    return answer;
  }

  orkestr_schedule* schedule_ = nullptr;
};

class PriceList : public Napi::ObjectWrap<PriceList> {
 public:
  static Napi::Function make(Napi::Env env) { return DefineClass(env, "PriceList", {InstanceMethod<&PriceList::quote>("quote")}); }
  explicit PriceList(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    check(info.Env(), orkestr_price_list_new(borrowed(text_at(info, 0)), &prices_));
  }
  ~PriceList() override { orkestr_price_list_free(prices_); }

 private:
  Napi::Value quote(const Napi::CallbackInfo& info) {
    const orkestr_quote_query query{
        sizeof query,        integer_at(info, 0), integer_at(info, 1), integer_at(info, 2),
        integer_at(info, 4), integer_at(info, 5), integer_at(info, 6), static_cast<std::int32_t>(integer_at(info, 3))};
    orkestr_quote made{};
    made.struct_size = sizeof made;
    check(info.Env(), orkestr_price_list_quote(prices_, &query, &made));
    auto answer = Napi::Object::New(info.Env());
    const auto put = [&](const char* name, std::int64_t amount) { answer.Set(name, static_cast<double>(amount)); };
    put("unit", made.unit);
    put("subtotal", made.subtotal);
    put("discount", made.discount);
    put("tax", made.tax);
    put("total", made.total);
    answer.Set("currency", made.currency);
    return answer;
  }

  orkestr_price_list* prices_ = nullptr;
};

/// Shared with what is under way, so that closing frees nothing too early.
struct OpenPlatform {
  orkestr_platform* platform = nullptr;
  Napi::ThreadSafeFunction told;
  ~OpenPlatform() {
    orkestr_platform_free(platform);
    if (told) told.Release();
  }
};

/// Runs `work` on a thread of Node's pool, and `answer` of it on the event loop.
class Task : public Napi::AsyncWorker {
 public:
  using Work = std::function<orkestr_error*()>;
  using Answer = std::function<Napi::Value(Napi::Env)>;
  static Napi::Promise start(Napi::Env env, std::shared_ptr<OpenPlatform> open, Work work, Answer answer) {
    auto* task = new Task(env, std::move(open), std::move(work), std::move(answer)); // frees itself
    const auto promise = task->deferred_.Promise();
    task->Queue();
    return promise;
  }

 protected:
  void Execute() override {
    error_.reset(work_());
    open_.reset(); // whoever lets go last waits for webhooks that are under way: here, and not on the event loop
  }
  void OnOK() override {
    const Napi::HandleScope scope(Env());
    if (error_)
      deferred_.Reject(error_of(Env(), error_.get()).Value());
    else
      deferred_.Resolve(answer_(Env()));
  }

 private:
  Task(Napi::Env env, std::shared_ptr<OpenPlatform> open, Work work, Answer answer)
      : AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        open_(std::move(open)),
        work_(std::move(work)),
        answer_(std::move(answer)) {}

  Napi::Promise::Deferred deferred_;
  std::shared_ptr<OpenPlatform> open_;
  Work work_;
  Answer answer_;
  Error error_;
};

class Platform : public Napi::ObjectWrap<Platform> {
 public:
  static Napi::Function make(Napi::Env env) {
    return DefineClass(env, "Platform",
                       {InstanceMethod<&Platform::create_tenant>("createTenant"), InstanceMethod<&Platform::handle>("handle"),
                        InstanceMethod<&Platform::events>("events"), InstanceMethod<&Platform::run_due>("runDue"),
                        InstanceMethod<&Platform::close>("close")});
  }
  /// (store, secrets, storefront, baseDomain, rateLimit, webhooks, onEvents or undefined)
  explicit Platform(const Napi::CallbackInfo& info) : ObjectWrap(info), open_(std::make_shared<OpenPlatform>()) {
    const auto store = text_at(info, 0), secrets = text_at(info, 1), storefront = text_at(info, 2), base_domain = text_at(info, 3);
    orkestr_options options{};
    options.struct_size = sizeof options;
    options.store = borrowed(store);
    options.secrets = borrowed(secrets);
    options.storefront = borrowed(storefront);
    options.base_domain = borrowed(base_domain);
    options.rate_limit = static_cast<std::uint32_t>(integer_at(info, 4));
    options.webhooks = static_cast<std::uint32_t>(integer_at(info, 5));
    if (info[6].IsFunction()) {
      open_->told = Napi::ThreadSafeFunction::New(info.Env(), info[6].As<Napi::Function>(), "orkestr events", 1, 1);
      open_->told.Unref(info.Env()); // keeps no process alive
      options.context = open_.get();
      // One that is on its way already says as much.
      options.on_events = [](void* open) { static_cast<OpenPlatform*>(open)->told.NonBlockingCall(); };
    }
    check(info.Env(), orkestr_platform_open(&options, &open_->platform));
  }

 private:
  std::shared_ptr<OpenPlatform> opened(Napi::Env env) const {
    if (!open_) throw Napi::Error::New(env, "The platform is closed.");
    return open_;
  }

  Napi::Value text_task(Napi::Env env, std::function<orkestr_error*(orkestr_platform*, orkestr_buffer**)> ask) {
    auto open = opened(env);
    auto answer = std::make_shared<Buffer>();
    return Task::start(
        env, open,
        [open = open.get(), ask = std::move(ask), answer] {
          orkestr_buffer* made = nullptr;
          auto* error = ask(open->platform, &made);
          answer->reset(made);
          return error;
        },
        [answer](Napi::Env at) -> Napi::Value { return string(at, orkestr_buffer_text(answer->get())); });
  }

  Napi::Value create_tenant(const Napi::CallbackInfo& info) {
    return text_task(info.Env(), [json = text_at(info, 0)](orkestr_platform* platform, orkestr_buffer** made) {
      return orkestr_platform_create_tenant(platform, borrowed(json), made);
    });
  }
  Napi::Value events(const Napi::CallbackInfo& info) {
    return text_task(info.Env(),
                     [tenant = text_at(info, 0), after = text_at(info, 1),
                      limit = static_cast<std::size_t>(integer_at(info, 2))](orkestr_platform* platform, orkestr_buffer** made) {
                       return orkestr_platform_events(platform, borrowed(tenant), borrowed(after), limit, made);
                     });
  }
  Napi::Value run_due(const Napi::CallbackInfo& info) { return text_task(info.Env(), orkestr_platform_run_due); }

  /// (method, target, flat headers, body, peer) → {status, headers, body}
  Napi::Value handle(const Napi::CallbackInfo& info) {
    struct Call {
      std::string method, target, body, peer;
      Headers headers;
      Response answer;
    };
    auto call = std::shared_ptr<Call>(
        new Call{text_at(info, 0), text_at(info, 1), bytes_of(info[3]), text_at(info, 4), Headers(info[2].As<Napi::Array>()), nullptr});
    auto open = opened(info.Env());
    return Task::start(
        info.Env(), open,
        [open = open.get(), call] {
          const orkestr_request request{sizeof request,           borrowed(call->method), borrowed(call->target), call->headers.all.data(),
                                        call->headers.all.size(), borrowed(call->body),   borrowed(call->peer)};
          orkestr_response* made = nullptr;
          auto* error = orkestr_platform_handle(open->platform, &request, &made);
          call->answer.reset(made);
          return error;
        },
        [call](Napi::Env env) -> Napi::Value {
          auto answer = Napi::Object::New(env);
          const auto* made = call->answer.get();
          answer.Set("status", orkestr_response_status(made));
          auto headers = Napi::Array::New(env);
          for (std::size_t i = 0; i < orkestr_response_header_count(made); ++i) {
            const auto header = orkestr_response_header(made, i);
            auto pair = Napi::Array::New(env, 2);
            pair.Set(0U, string(env, header.name));
            pair.Set(1U, string(env, header.value));
            headers.Set(static_cast<std::uint32_t>(i), pair);
          }
          answer.Set("headers", headers);
          const auto body = view(orkestr_response_body(made));
          answer.Set("body", Napi::Buffer<char>::Copy(env, body.data(), body.size()));
          return answer;
        });
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    return Task::start(
        info.Env(), std::move(open_), []() -> orkestr_error* { return nullptr; },
        [](Napi::Env env) -> Napi::Value { return env.Undefined(); });
  }

  std::shared_ptr<OpenPlatform> open_;
};

Napi::Object start(Napi::Env env, Napi::Object exports) {
  exports.Set("version", orkestr_version());
  exports.Set("engine", Napi::Function::New(env, engine));
  exports.Set("verifyWebhook", Napi::Function::New(env, verify_webhook));
  exports.Set("Schedule", Schedule::make(env));
  exports.Set("PriceList", PriceList::make(env));
  exports.Set("Platform", Platform::make(env));
  return exports;
}

} // namespace

NODE_API_MODULE(orkestr, start)
