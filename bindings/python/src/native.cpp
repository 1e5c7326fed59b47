// The C library as Python sees it: thin. What is pythonic about it is in src/orkestr.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <orkestr/orkestr.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nb = nanobind;

namespace {

template <auto free> struct Free {
  template <class T> void operator()(T* object) const { free(object); }
};
using Error = std::unique_ptr<orkestr_error, Free<orkestr_error_free>>;
using Buffer = std::unique_ptr<orkestr_buffer, Free<orkestr_buffer_free>>;
using Slots = std::unique_ptr<orkestr_slots, Free<orkestr_slots_free>>;
using Response = std::unique_ptr<orkestr_response, Free<orkestr_response_free>>;

nb::object error_type; // orkestr.Error, once the package has told

orkestr_text borrowed(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(orkestr_text text) { return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size}; }
nb::str str(orkestr_text text) { return nb::str(text.size == 0 ? "" : text.data, text.size); }
std::string_view bytes_of(const nb::bytes& bytes) { return {static_cast<const char*>(bytes.data()), bytes.size()}; }

/// Calls without the GIL. `call() -> orkestr_error*`. Raises orkestr.Error.
template <class F> void run(F&& call) {
  Error error;
  {
    const nb::gil_scoped_release release;
    error.reset(call());
  }
  if (!error) return;
  const nb::object made = error_type(orkestr_error_code(error.get()), orkestr_error_status(error.get()),
                                     str(orkestr_error_detail(error.get())), str(orkestr_error_json(error.get())));
  PyErr_SetObject(error_type.ptr(), made.ptr());
  throw nb::python_error();
}

nb::str engine(const std::string& function, const std::string& json) {
  orkestr_buffer* answer = nullptr;
  run([&] { return orkestr_engine(borrowed(function), borrowed(json), &answer); });
  const Buffer kept(answer);
  return str(orkestr_buffer_text(answer));
}

struct Schedule {
  explicit Schedule(const std::string& json) {
    run([&] { return orkestr_schedule_new(borrowed(json), &schedule); });
  }
  ~Schedule() { orkestr_schedule_free(schedule); }
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  /// @param taken  (start, end, quantity, held) each @returns (start, end, capacity, remaining) each, in milliseconds
  nb::list slots(std::int64_t from, std::int64_t to, std::int64_t now, const nb::list& taken, bool provider) const {
    std::vector<orkestr_occupancy> all;
    for (const auto& one : taken) {
      const auto parts = nb::cast<nb::tuple>(one);
      all.push_back({nb::cast<std::int64_t>(parts[0]), nb::cast<std::int64_t>(parts[1]), nb::cast<std::int32_t>(parts[2]),
                     nb::cast<bool>(parts[3]) ? 1 : 0});
    }
    const orkestr_slots_query query{sizeof query, from, to, now, all.data(), all.size(), provider ? 1 : 0};
    orkestr_slots* found = nullptr;
    run([&] { return orkestr_schedule_slots(schedule, &query, &found); });
    const Slots kept(found);
    nb::list list;
    const auto* data = orkestr_slots_data(found);
    for (std::size_t i = 0; i < orkestr_slots_count(found); ++i)
      list.append(nb::make_tuple(data[i].start_ms, data[i].end_ms, data[i].capacity, data[i].remaining));
    return list;
  }

  orkestr_schedule* schedule = nullptr;
};

struct PriceList {
  explicit PriceList(const std::string& json) {
    run([&] { return orkestr_price_list_new(borrowed(json), &prices); });
  }
  ~PriceList() { orkestr_price_list_free(prices); }
  PriceList(const PriceList&) = delete;
  PriceList& operator=(const PriceList&) = delete;

  nb::tuple quote(std::int64_t start, std::int64_t end, std::int64_t now, std::int32_t quantity, std::int64_t taken, std::int64_t capacity,
                  std::int64_t redemptions) const {
    const orkestr_quote_query query{sizeof query, start, end, now, taken, capacity, redemptions, quantity};
    orkestr_quote made{};
    made.struct_size = sizeof made;
    run([&] { return orkestr_price_list_quote(prices, &query, &made); });
    return nb::make_tuple(made.unit, made.subtotal, made.discount, made.tax, made.total, nb::str(made.currency));
  }

  orkestr_price_list* prices = nullptr;
};

/// Texts of Python that outlive a call.
struct Headers {
  explicit Headers(const nb::list& list) {
    for (const auto& one : list) {
      const auto pair = nb::cast<nb::tuple>(one);
      texts.push_back(nb::cast<std::string>(pair[0]));
      texts.push_back(nb::cast<std::string>(pair[1]));
    }
    for (std::size_t i = 0; i < texts.size(); i += 2) all.push_back({borrowed(texts[i]), borrowed(texts[i + 1])});
  }
  std::vector<std::string> texts;
  std::vector<orkestr_header> all;
};

nb::str verify_webhook(const nb::bytes& body, const nb::list& headers, const nb::list& secrets, std::int64_t now, std::int64_t tolerance) {
  const Headers given(headers);
  std::vector<std::string> texts;
  for (const auto& one : secrets) texts.push_back(nb::cast<std::string>(one));
  std::vector<orkestr_text> keys;
  for (const auto& text : texts) keys.push_back(borrowed(text));
  const orkestr_delivery delivery{
      sizeof delivery, borrowed(bytes_of(body)), given.all.data(), given.all.size(), keys.data(), keys.size(), now, tolerance};
  orkestr_buffer* answer = nullptr;
  run([&] { return orkestr_verify_webhook(&delivery, &answer); });
  const Buffer kept(answer);
  return str(orkestr_buffer_text(answer));
}

struct Platform {
  Platform(const std::string& store, const std::string& secrets, const std::string& storefront, const std::string& base_domain,
           std::uint32_t rate_limit, std::uint32_t webhooks, const nb::object& now_ms, const nb::object& on_events)
      : now_(now_ms), on_events_(on_events) {
    orkestr_options options{};
    options.struct_size = sizeof options;
    options.store = borrowed(store);
    options.secrets = borrowed(secrets);
    options.storefront = borrowed(storefront);
    options.base_domain = borrowed(base_domain);
    options.rate_limit = rate_limit;
    options.webhooks = webhooks;
    options.context = this;
    if (!now_ms.is_none()) options.now_ms = [](void* self) { return static_cast<Platform*>(self)->now(); };
    if (!on_events.is_none()) options.on_events = [](void* self) { static_cast<Platform*>(self)->tell(); };
    run([&] { return orkestr_platform_open(&options, &platform); });
  }
  ~Platform() { close(); }
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  /// Waits until calls that are under way are back in Python, which may be about to end.
  void close() {
    closing_ = true;
    const nb::gil_scoped_release release;
    for (int calls; (calls = calls_) > 0;) calls_.wait(calls);
    orkestr_platform_free(platform);
    platform = nullptr;
  }

  nb::str create_tenant(const std::string& json) {
    orkestr_buffer* answer = nullptr;
    use([&] { return orkestr_platform_create_tenant(platform, borrowed(json), &answer); });
    const Buffer kept(answer);
    return str(orkestr_buffer_text(answer));
  }

  nb::tuple handle(const std::string& method, const std::string& target, const nb::list& headers, const nb::bytes& body,
                   const std::string& peer) {
    const Headers given(headers);
    const orkestr_request request{sizeof request,   borrowed(method),         borrowed(target), given.all.data(),
                                  given.all.size(), borrowed(bytes_of(body)), borrowed(peer)};
    orkestr_response* made = nullptr;
    use([&] { return orkestr_platform_handle(platform, &request, &made); });
    const Response kept(made);
    nb::list list;
    for (std::size_t i = 0; i < orkestr_response_header_count(made); ++i) {
      const auto header = orkestr_response_header(made, i);
      list.append(nb::make_tuple(str(header.name), str(header.value)));
    }
    const auto text = view(orkestr_response_body(made));
    return nb::make_tuple(orkestr_response_status(made), list, nb::bytes(text.data(), text.size()));
  }

  nb::str events(const std::string& tenant, const std::string& after, std::size_t limit) {
    orkestr_buffer* answer = nullptr;
    use([&] { return orkestr_platform_events(platform, borrowed(tenant), borrowed(after), limit, &answer); });
    const Buffer kept(answer);
    return str(orkestr_buffer_text(answer));
  }

  nb::str run_due() {
    orkestr_buffer* answer = nullptr;
    use([&] { return orkestr_platform_run_due(platform, &answer); });
    const Buffer kept(answer);
    return str(orkestr_buffer_text(answer));
  }

  orkestr_platform* platform = nullptr;

 private:
  template <class F> void use(F&& call) {
    if (closing_) throw nb::value_error("the platform is closed");
    struct Call {
      std::atomic<int>& calls;
      explicit Call(std::atomic<int>& all) : calls(all) { ++calls; }
      ~Call() {
        --calls;
        calls.notify_all();
      }
    } counted(calls_);
    run(call);
  }

  // Called back on any thread. What Python raises here has nobody to go to but sys.unraisablehook.
  std::int64_t now() {
    const nb::gil_scoped_acquire acquire;
    try {
      return last_now_ = nb::cast<std::int64_t>(now_());
    } catch (nb::python_error& error) {
      error.restore();
      PyErr_WriteUnraisable(now_.ptr());
      return last_now_;
    }
  }
  void tell() {
    const nb::gil_scoped_acquire acquire;
    try {
      on_events_();
    } catch (nb::python_error& error) {
      error.restore();
      PyErr_WriteUnraisable(on_events_.ptr());
    }
  }

  nb::object now_, on_events_;
  std::int64_t last_now_ = 0;
  std::atomic<int> calls_ = 0;
  bool closing_ = false; // under the GIL
};

} // namespace

NB_MODULE(_native, m) {
  m.def("set_error_type", [](const nb::object& type) { error_type = type; });
  m.def("forget_error_type", [] { error_type.reset(); });
  m.def("version", [] { return std::string{orkestr_version()}; });
  m.def("engine", engine);
  m.def("verify_webhook", verify_webhook);
  nb::class_<Schedule>(m, "Schedule").def(nb::init<const std::string&>()).def("slots", &Schedule::slots);
  nb::class_<PriceList>(m, "PriceList").def(nb::init<const std::string&>()).def("quote", &PriceList::quote);
  nb::class_<Platform>(m, "Platform")
      .def(nb::init<const std::string&, const std::string&, const std::string&, const std::string&, std::uint32_t, std::uint32_t,
                    const nb::object&, const nb::object&>(),
           nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none())
      .def("close", &Platform::close)
      .def("create_tenant", &Platform::create_tenant)
      .def("handle", &Platform::handle)
      .def("events", &Platform::events)
      .def("run_due", &Platform::run_due);
}
