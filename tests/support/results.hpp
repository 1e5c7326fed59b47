// Lets doctest print a Result.
#pragma once

#include "orkestr/base/result.hpp"

#include <doctest/doctest.h>

/// Lets a failed check on a Result say what the error was.
template <class T> struct doctest::StringMaker<orkestr::Result<T>> {
  static String convert(const orkestr::Result<T>& result) {
    if (result) return "a value";
    const auto& error = result.error();
    std::string text = std::string{orkestr::info(error.code).name} + ": " + error.detail;
    for (const auto& fault : error.faults) text += "\n  " + fault.pointer + " " + std::string{fault.code} + ": " + fault.detail;
    return text.c_str();
  }
};
