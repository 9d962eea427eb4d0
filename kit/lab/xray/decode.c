/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdlib.h>

#include "kit/lab/xray/decode.h"

#ifdef __x86_64__

#include <Zydis/Zydis.h>

struct decoded {
	ZydisDecodedInstruction instruction;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* Classes that the mnemonic alone tells. */
static const struct {
	ZydisMnemonic mnemonic;
	enum code_class class;
} known[] = {
	{ZYDIS_MNEMONIC_NOP, CODE_PLAIN}, /* long ones name memory, and do not read it */
	{ZYDIS_MNEMONIC_RDTSC, CODE_CLOCK},	 {ZYDIS_MNEMONIC_RDTSCP, CODE_CLOCK},
	{ZYDIS_MNEMONIC_CPUID, CODE_SERIALISE},	 {ZYDIS_MNEMONIC_IRET, CODE_SERIALISE},
	{ZYDIS_MNEMONIC_IRETD, CODE_SERIALISE},	 {ZYDIS_MNEMONIC_IRETQ, CODE_SERIALISE},
	{ZYDIS_MNEMONIC_WRMSR, CODE_SERIALISE},	 {ZYDIS_MNEMONIC_RDMSR, CODE_SERIALISE},
	{ZYDIS_MNEMONIC_RDPMC, CODE_SERIALISE},	 {ZYDIS_MNEMONIC_LFENCE, CODE_SERIALISE},
	{ZYDIS_MNEMONIC_MFENCE, CODE_SERIALISE}, {ZYDIS_MNEMONIC_SFENCE, CODE_SERIALISE},
	{ZYDIS_MNEMONIC_SWAPGS, CODE_SERIALISE}, {ZYDIS_MNEMONIC_INVPCID, CODE_SERIALISE},
	{ZYDIS_MNEMONIC_INVLPG, CODE_SERIALISE}, {ZYDIS_MNEMONIC_SERIALIZE, CODE_SERIALISE},
	{ZYDIS_MNEMONIC_VERW, CODE_SERIALISE},	 {ZYDIS_MNEMONIC_INT3, CODE_TRAP},
	{ZYDIS_MNEMONIC_INT, CODE_TRAP},	 {ZYDIS_MNEMONIC_UD2, CODE_TRAP},
	{ZYDIS_MNEMONIC_CLI, CODE_FLAGS},	 {ZYDIS_MNEMONIC_STI, CODE_FLAGS},
	{ZYDIS_MNEMONIC_PUSHF, CODE_FLAGS},	 {ZYDIS_MNEMONIC_PUSHFQ, CODE_FLAGS},
	{ZYDIS_MNEMONIC_POPF, CODE_FLAGS},	 {ZYDIS_MNEMONIC_POPFQ, CODE_FLAGS},
	{ZYDIS_MNEMONIC_STAC, CODE_USER_ACCESS}, {ZYDIS_MNEMONIC_CLAC, CODE_USER_ACCESS},
};

static bool touches_memory(const struct decoded *d, ZydisOperandActions action)
{
	for (size_t i = 0; i < d->instruction.operand_count; i++)
		if (d->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    (d->operands[i].actions & action) &&
		    d->operands[i].mem.type == ZYDIS_MEMOP_TYPE_MEM)
			return true;
	return false;
}

static enum code_class of_control_register(const struct decoded *d)
{
	const ZydisDecodedOperand *to = &d->operands[0];

	if (to->type != ZYDIS_OPERAND_TYPE_REGISTER || to->reg.value < ZYDIS_REGISTER_CR0 ||
	    to->reg.value > ZYDIS_REGISTER_CR15)
		return CODE_UNKNOWN;
	return to->reg.value == ZYDIS_REGISTER_CR3 ? CODE_CR3 : CODE_SERIALISE;
}

static enum code_class of_branch(const struct decoded *d)
{
	bool direct = d->operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;

	switch (d->instruction.meta.category) {
	case ZYDIS_CATEGORY_COND_BR:
		return CODE_CONDITION;
	case ZYDIS_CATEGORY_UNCOND_BR:
		return direct ? CODE_JUMP : CODE_INDIRECT;
	case ZYDIS_CATEGORY_CALL:
		return direct ? CODE_CALL : CODE_INDIRECT;
	case ZYDIS_CATEGORY_RET:
		return CODE_RETURN;
	default:
		return CODE_UNKNOWN;
	}
}

static bool prepare(ZydisDecoder *decoder)
{
	return ZYAN_SUCCESS(
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64));
}

bool decode_works(void)
{
	ZydisDecoder decoder;

	return prepare(&decoder);
}

enum code_class decode(const uint8_t *code, size_t room, size_t *len)
{
	struct decoded d;
	ZydisDecoder decoder;
	ZydisInstructionAttributes attributes;
	enum code_class class;

	*len = 0;
	if (!prepare(&decoder) ||
	    ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, code, room, &d.instruction, d.operands)))
		return CODE_UNKNOWN;
	*len = d.instruction.length;
	attributes = d.instruction.attributes;
	if ((attributes & ZYDIS_ATTRIB_HAS_LOCK) ||
	    (d.instruction.mnemonic == ZYDIS_MNEMONIC_XCHG &&
	     touches_memory(&d, ZYDIS_OPERAND_ACTION_MASK_WRITE)))
		return CODE_ATOMIC;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (d.instruction.mnemonic == known[i].mnemonic)
			return known[i].class;
	class = of_control_register(&d);
	if (class == CODE_UNKNOWN &&
	    (attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)))
		class = CODE_REPEAT;
	if (class == CODE_UNKNOWN)
		class = of_branch(&d);
	if (class != CODE_UNKNOWN)
		return class;
	if (touches_memory(&d, ZYDIS_OPERAND_ACTION_MASK_WRITE))
		return CODE_STORE;
	return touches_memory(&d, ZYDIS_OPERAND_ACTION_MASK_READ) ? CODE_LOAD : CODE_PLAIN;
}

#else

bool decode_works(void)
{
	return false;
}

enum code_class decode(const uint8_t *code, size_t room, size_t *len)
{
	(void)code;
	(void)room;
	*len = 0;
	return CODE_UNKNOWN;
}

#endif
