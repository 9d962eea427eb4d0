/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the static binary has in place of Zydis, of which Debian has no static library: a decoder
 * that cannot be made, so that decode_works() is false.
 */
#include <Zydis/Zydis.h>

ZyanStatus ZydisDecoderInit(ZydisDecoder *decoder, ZydisMachineMode mode, ZydisStackWidth width)
{
	(void)decoder;
	(void)mode;
	(void)width;
	return ZYAN_STATUS_FAILED;
}

ZyanStatus ZydisDecoderDecodeFull(const ZydisDecoder *decoder, const void *buffer, ZyanUSize length,
				  ZydisDecodedInstruction *instruction,
				  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT])
{
	(void)decoder;
	(void)buffer;
	(void)length;
	(void)instruction;
	(void)operands;
	return ZYAN_STATUS_FAILED;
}
