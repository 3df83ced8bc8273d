import { account } from "./account";
import { call } from "./call";
import { chat } from "./chat";
import { common } from "./common";
import { people } from "./people";
import { rooms } from "./rooms";
import { settings } from "./settings";

export const en = { common, account, people, settings, chat, rooms, call };
