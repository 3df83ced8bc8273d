import type { Words } from "@/lib/i18n";

export const account: Words["account"] = {};
