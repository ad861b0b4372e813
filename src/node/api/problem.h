// Errors as the API tells them: application/problem+json (RFC 9457) with the project's code, and back.
#pragma once
#include <string_view>

#include "io/http.h"

namespace rs {
int http_status(absl::StatusCode code);
io::HttpAnswer problem_answer(const Status& status);  // with the HTTP status of its code
io::HttpAnswer problem_answer(const Status& status, int http_status);

// What an answer that is no success says. Of the HTTP server itself: kClusterDenied to strangers, kUnreachable when it
// is busy, else, and of another program: kApiAnswer.
Status problem_status(const io::HttpAnswer& answer);
}  // namespace rs
