import type { Words } from "@/lib/i18n";

import { account } from "./account";
import { call } from "./call";
import { chat } from "./chat";
import { common } from "./common";
import { people } from "./people";
import { rooms } from "./rooms";
import { settings } from "./settings";

export const de: Words = { common, account, people, settings, chat, rooms, call };
