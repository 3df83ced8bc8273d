import { account } from "./account";
import { call } from "./call";
import { chat } from "./chat";
import { common } from "./common";
import { files } from "./files";
import { people } from "./people";
import { rooms } from "./rooms";
import { search } from "./search";
import { settings } from "./settings";

export const en = { common, account, files, people, settings, search, chat, rooms, call };
