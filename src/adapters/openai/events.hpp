// Server-sent events out of bytes that are cut anywhere (WHATWG HTML, section 9.2.6).
#pragma once

#include <string>
#include <string_view>

namespace orkestr::inline v1::openai {

/// Keeps what is not yet a whole line or event; of an event, its data alone matters here.
class EventStream {
 public:
  /// Calls `on_data(std::string_view) -> bool` for each event that is complete; false ends it.
  /// @returns whether to go on
  template <class OnData> bool feed(std::string_view bytes, OnData&& on_data) {
    while (!bytes.empty()) {
      if (after_cr_ && bytes.front() == '\n') { // the other half of a line's end
        after_cr_ = false;
        bytes.remove_prefix(1);
        continue;
      }
      after_cr_ = false;
      const auto end = bytes.find_first_of("\r\n");
      line_.append(bytes.substr(0, end));
      if (end == std::string_view::npos) break;
      after_cr_ = bytes[end] == '\r';
      bytes.remove_prefix(end + 1);
      if (line_.empty()) {
        const bool any = has_data_;
        has_data_ = false;
        const std::string data = std::move(data_);
        data_.clear();
        if (any && !on_data(std::string_view{data})) return false;
      } else {
        take_line();
      }
      line_.clear();
    }
    return true;
  }

 private:
  void take_line() {
    std::string_view line = line_;
    if (line.starts_with("\xef\xbb\xbf") && first_) line.remove_prefix(3);
    first_ = false;
    const auto colon = line.find(':');
    if (line.substr(0, colon) != "data") return; // a comment, to keep the connection alive, or a field of no interest
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (has_data_) data_ += '\n';
    has_data_ = true;
    data_ += value;
  }

  std::string line_, data_;
  bool has_data_ = false, after_cr_ = false, first_ = true;
};

} // namespace orkestr::inline v1::openai
