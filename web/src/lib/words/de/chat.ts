import type { Words } from "@/lib/i18n";

export const chat: Words["chat"] = {};
