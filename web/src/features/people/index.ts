// Who is here, and inviting more.

export { InvitePeople } from "./invite-people";
export { PeoplePage } from "./people-page";
