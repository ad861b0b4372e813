// The folds by key. Each is commutative and associative, and `merge` with a new slot takes the other value as it is.
#pragma once
#include <charconv>
#include <cstdint>
#include <string_view>

#include "engine/aggregate/decimal.h"
#include "engine/aggregate/payload.h"

namespace rs::aggregate {
struct CountFold {
  using Value = uint64_t;
  static bool merge(bool, const Value& other, Value* value) { return !__builtin_add_overflow(*value, other, value); }
  static char* put(const Value& value, char* to) { return put_varint(value, to); }
  static const char* get(const char* at, const char* end, Value* value) {
    at = get_varint(at, end, value);
    return at == nullptr || *value == 0 ? nullptr : at;  // nobody counts a key that was not there
  }
  static size_t print(const Value& value, char* to) {
    return static_cast<size_t>(std::to_chars(to, to + kMaxDecimalText, value).ptr - to);
  }
};

struct DecimalFold {
  using Value = Decimal;
  static char* put(const Value& value, char* to) { return put_decimal(value, to); }
  static const char* get(const char* at, const char* end, Value* value) { return get_decimal(at, end, value); }
  static size_t print(const Value& value, char* to) { return print_decimal(value, to); }
};

struct SumFold : DecimalFold {
  static bool merge(bool, const Value& other, Value* value) { return add_decimal(value, other); }
};

template <int kSign>  // < 0: the least wins; > 0: the greatest
struct ExtremeFold : DecimalFold {
  static bool merge(bool is_new, const Value& other, Value* value) {
    const int order = is_new ? kSign : compare_value(other, *value);
    if (order * kSign > 0 || (order == 0 && other.scale > value->scale)) *value = other;
    return true;
  }
};
using MinFold = ExtremeFold<-1>;
using MaxFold = ExtremeFold<1>;
}  // namespace rs::aggregate
