import { plurals } from "../catalogue";

const plural = plurals("en");

/** Words about keys and who is behind them; loaded with the pages that say them. */
export const en = {
  privacy: {
    title: "Privacy and security",
    lead: "Messages, files and calls are end-to-end encrypted: sealed on your device and opened on the devices of the people you talk to.",
    does: {
      title: "What is protected",
      points: {
        content: "What you write and send: only the members of a conversation can read it. The server stores what it cannot open.",
        calls: "Calls: sound and picture are encrypted from device to device, also when the server relays them.",
        author: "Who wrote it: every message is signed. What was changed on its way, or left out, is noticed.",
        members: "Who is in: the server cannot add anybody to a conversation. Who is removed cannot read what comes after.",
        password: "Your password: it never leaves this browser.",
      },
    },
    from: {
      title: "From whom",
      text: "Stolen disks and backups, leaked databases, a curious hosting provider, and a server that tampers with what passes through it.",
    },
    not: {
      title: "What is not protected",
      points: {
        metadata: "Who talks to whom, and when. The server sees names and pictures, who is in which room and what the room is called, when messages come and about how long they are, who is online, who has read what, who called whom, and your network address.",
        page: "A server operator who ships you a changed page. This page comes from the server; a page made to read along could do so.",
        forward: "The past, when account keys are stolen: there is no forward secrecy. Whoever gets your password, your recovery code or your unlocked device can read your whole history.",
        deniability: "Denying what you wrote. Messages are signed, and a member can show others that they are yours.",
        strangers: "People you have never compared with. Until you do, you rely on the server to name their keys truly.",
        lost: "Against losing both password and recovery code. Nobody can bring your messages back then, not even an administrator.",
      },
    },
    doing: {
      title: "What you can do",
      text: "Keep your recovery code. Open a person’s page and compare the safety number, or verify during a call. Cut off devices that you have lost.",
    },
  },

  person: {
    unknown: { title: "Nobody is here", text: "There is no account at this address." },
    write: "Message",
    unverified: "Not verified",
    verifiedText: (name: string) => `You have compared keys with ${name}. That holds for all their devices and all calls.`,
    unverifiedText: (name: string) => `You have not compared keys with ${name} yet.`,
    changedText: (name: string) =>
      `The keys of ${name} are not the ones you had compared. They may have begun anew without their recovery code, or somebody stands in between. Nothing is sent to them, and calls do not start, until you decide.`,
    changedSince: (name: string) => `${name} has begun anew with other keys since you first met here.`,
    accept: "Accept the new keys",
    acceptAsk: (name: string) => `Go on with the new keys of ${name}?`,
    acceptText: "Ask them in person or by phone first whether they have begun anew. They are no longer verified then.",
    accepted: (name: string) => `You write to ${name} again.`,
    devices: "Devices",
    deviceCount: (count: number) => plural(count, { one: "# device", other: "# devices" }),
    newest: (when: string) => `the newest added ${when}`,
    noKeys: "The keys of this account are not here yet.",
    safety: {
      title: "Safety number",
      text: (name: string) => `Compare these digits with what ${name} sees, side by side or by phone. When they are the same, nobody stands in between.`,
      number: "Safety number",
      qr: "Safety number as a QR code",
      match: "They match",
      scan: "Scan their code",
      undo: "Not verified after all",
      undone: "The comparison is forgotten.",
      done: (name: string) => `${name} is verified.`,
    },
    scan: {
      title: "Scan their code",
      text: (name: string) => `Hold the code on the page of ${name}’s device before the camera.`,
      camera: "Picture of the camera",
      starting: "Starting the camera",
      wrong: "This is not the code of the two of you. Check that it is their page of you, and compare the digits.",
      noCamera: "The camera could not be started. Allow it for this page, or compare the digits.",
      again: "Scan again",
    },
  },

  call: {
    verify: "Verify this call",
    begin: (name: string) => `Both of you see seven pictures. Read them to each other. When they are the same, nobody stands between you and ${name}.`,
    start: "Show the pictures",
    waiting: (name: string) => `Waiting for ${name}`,
    asked: (name: string) => `${name} wants to compare pictures with you.`,
    compare: "Are these the pictures on the other side, in this order?",
    match: "They match",
    differ: "They differ",
    done: (name: string) => `${name} is verified, in this and in all other calls.`,
    broken: "The comparison has failed. Somebody may stand between you: hang up, and do not rely on this call.",
    lost: "The comparison was broken off. Begin again.",
    again: "Begin again",
    hangUp: "Hang up",
  },
};
