import { plurals } from "../catalogue";

const plural = plurals("en");

export const settings = {
  title: "Settings",
  pages: {
    profile: "Profile",
    visit: "Your visit",
    devices: "Devices",
    password: "Password",
    privacy: "Privacy and security",
    calls: "Calls",
    appearance: "Appearance",
    administration: "Administration",
    server: "Your server",
  },
  signOut: "Sign out",
  version: (version: string) => `Callbox ${version}`,

  profile: {
    picture: "Picture",
    pictureText: "Shown beside everything you write. Without one, your initials stand there.",
    choose: "Choose a picture",
    change: "Change picture",
    remove: "Remove picture",
    crop: "Place your picture",
    cropText: "Drag it, and zoom with the slider.",
    zoom: "Zoom",
    use: "Use this picture",
    notPicture: "This file is not a picture that your browser can read.",
    tooLarge: (megabytes: number) =>
      `This picture is larger than ${megabytes} MB. Choose a smaller one.`,
    saved: "Your picture is saved.",
    removed: "Your picture is removed.",
    nameSaved: "Your name is saved.",
  },

  devices: {
    text: "Where you are signed in.",
    add: "Add a device",
    current: "This device",
    seen: (when: string) => `last here ${when}`,
    seenToday: "here today",
    since: (day: string) => `signed in since ${day}`,
    signOut: "Sign out",
    signOutNamed: (name: string) => `Sign out ${name}`,
    signedOut: (name: string) => `${name} is signed out.`,
    others: "Sign out everywhere else",
    othersAsk: "Sign out everywhere else?",
    othersText: (count: number) =>
      plural(count, {
        one: "Your other device will need your password to come back.",
        other: "Your # other devices will need your password to come back.",
      }),
    othersDone: "All other devices are signed out.",
    lost: "Lost or not mine",
    lostNamed: (name: string) => `${name} is lost or not mine`,
    revokeTitle: (name: string) => `Cut off ${name}?`,
    revokeText:
      "It is signed out at once and for good, and your keys and those of your conversations are renewed. Your history stays. Your passkeys end, because they open the old keys: add them again afterwards.",
    revokeAction: "Cut off and renew keys",
    revoking: {
      keys: "Renewing your keys",
      rooms: (done: number, all: number) => `Renewing the keys of your conversations: ${done} of ${all}`,
    },
    revoked: (name: string) => `${name} is cut off, and your keys are new.`,
    newSignIn: (device: string, time: string) => `New sign-in to your account: ${device}, ${time}.`,
    notMe: "This wasn’t me",
  },

  recovery: {
    title: "Recovery code",
    text: "It brings your messages back when you forget your password. A new code replaces the old one, which then opens nothing.",
    action: "Make a new code",
    unconfirmed: "You have not kept your recovery code yet. Without it a forgotten password means lost messages.",
    done: "Your new recovery code is in force.",
  },

  passkeys: {
    title: "Passkeys",
    text: "A passkey signs you in with your fingerprint, face or PIN, and opens your messages like your password does.",
    unable: "Passkeys do not work in this browser at this address. They need a host name and a newer browser.",
    none: "You have none yet.",
    added: (when: string) => `added ${when}`,
    add: "Add a passkey",
    full: "You have as many passkeys as there can be. Remove one to add another.",
    create: "Create passkey",
    createText: "Your browser asks where to keep it. Give it a name that tells you where that is.",
    name: "Name of the passkey",
    created: (name: string) => `${name} opens your account from now on.`,
    rename: "Rename",
    renameNamed: (name: string) => `Rename ${name}`,
    save: "Save",
    remove: "Remove",
    removeNamed: (name: string) => `Remove ${name}`,
    removeAsk: (name: string) => `Remove ${name}?`,
    removeText: "It opens nothing here from then on. Delete it, too, where your passkeys are kept.",
    removed: (name: string) => `${name} is removed.`,
  },

  password: {
    text: "You need it to sign in on another device.",
    current: "Current password",
    next: "New password",
    others: "Sign out my other devices",
    action: "Change password",
    done: "Your password is changed.",
    wrong: "That is not your current password.",
  },

  calls: {
    relay: "Always relay my calls (hides my address)",
    relayText:
      "The others then see the address of this server instead of yours. Calls may take a little longer on the way.",
    check: "Camera and microphone",
    connection: "Connection",
    connectionText: "Finds out whether calls get through from here, and what to do if not.",
    connectionCheck: "Check the connection",
  },

  appearance: {
    theme: "Theme",
    themes: { system: "Like the system", light: "Light", dark: "Dark" },
    language: "Language",
    systemLanguage: "Like the browser",
  },

  administration: {
    text: "Who is here and what they may do.",
    role: (name: string) => `Role of ${name}`,
    actions: (name: string) => `Actions for ${name}`,
    resetLink: "Link for a new password",
    disable: "Disable account",
    enable: "Enable account",
    disableAsk: (name: string) => `Disable ${name}?`,
    disableText: "They are signed out everywhere and cannot sign in. What they wrote stays.",
    disableAction: "Disable",
    disabled: (name: string) => `${name} cannot sign in any more.`,
    enabled: (name: string) => `${name} can sign in again.`,
    roleChanged: (name: string, role: string) => `${name} is now: ${role}.`,
    resetTitle: (name: string) => `A new password for ${name}`,
    resetText: "Send this link to them, and to nobody else. It works once, until tomorrow.",
    resetField: "Reset link",
  },
};
