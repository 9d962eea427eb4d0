/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/counters.h"

#include <stdatomic.h>

/*
 * The page changes only when this thread is interrupted, and the interrupt's writes are complete
 * before it returns: a second turn is rare, a third nearly impossible. The bound keeps a damaged
 * page from looping for ever.
 */
enum { MAX_TURNS = 64 };

/* Only interrupts of the same CPU write the page, so a compiler barrier is enough. */
static inline void barrier(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

bool counters_read_page(const volatile struct perf_event_mmap_page *page,
			uint64_t (*read_pmc)(uint32_t index), uint64_t *count, uint64_t *enabled,
			uint64_t *running)
{
	for (int turn = 0; turn < MAX_TURNS; turn++) {
		uint32_t seq = page->lock;

		barrier();
		uint64_t time_enabled = page->time_enabled;
		uint64_t time_running = page->time_running;
		uint64_t offset = (uint64_t)page->offset;
		uint32_t index = page->index;
		uint16_t width = page->pmc_width;
		uint64_t pmc = 0;
		bool usable = page->cap_user_rdpmc && index && width >= 1 && width <= 64;

		if (usable)
			pmc = read_pmc(index - 1);
		barrier();
		if (page->lock != seq)
			continue;
		if (!usable)
			return false;

		/*
		 * The hardware counts up from a negative number and overflows at zero, hence the
		 * sign extension.
		 */
		int64_t value = (int64_t)(pmc << (64 - width)) >> (64 - width);

		*count = offset + (uint64_t)value;
		*enabled = time_enabled;
		*running = time_running;
		return true;
	}
	return false;
}
