// HTTP messages as bytes.
#pragma once
#include <string>
#include <string_view>

#include "io/http.h"

namespace rs::io {
enum class BodyForm { kLength, kChunks, kUntilClose };

// The head of an answer, with the empty line behind it.
std::string head_text(const HttpAnswer& answer, BodyForm form, bool keep_alive);
std::string chunk_text(std::string_view bytes);  // of at least one byte; an empty chunk would end the answer
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string call_text(const HttpCall& call);  // all of the request

// problem+json for what the server itself refuses.
HttpAnswer refusal(int status, std::string_view detail);
std::string_view status_reason(int status);
}  // namespace rs::io
