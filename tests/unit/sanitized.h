/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SANITIZED: whether this is a build with AddressSanitizer, in which a long simulation would take
 * twice as long and tell nothing new: make test runs it in the other build.
 */
#ifndef BPFTOLL_TESTS_UNIT_SANITIZED_H
#define BPFTOLL_TESTS_UNIT_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
