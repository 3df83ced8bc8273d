export const account = {
  name: "Name",
  nameHint: "How the others see you.",
  password: "Password",
  newPassword: "New password",
  showPassword: "Show password",
  hidePassword: "Hide password",
  working: "One moment",

  strength: {
    empty: "At least 8 characters. A few words in a row are easy to remember and hard to guess.",
    short: "Too short: at least 8 characters.",
    weak: "Easy to guess. Add a word or two.",
    fair: "Fair. Another word makes it strong.",
    strong: "Strong.",
  },

  setup: {
    title: "Set up Callbox",
    text: "You are the first one here. This account will own the place: it can invite people and name admins.",
    action: "Create account",
    badLink:
      "This setup link is not good any more. The newest one is in the terminal where Callbox was started.",
    noLink:
      "Something is missing from this link. Open the whole link, as it stands in the terminal where Callbox was started.",
    done: "Callbox is set up already. Sign in, or ask for an invite.",
    waiting: {
      title: "Callbox is not set up yet",
      text: "Open the setup link that stands in the terminal where Callbox was started.",
    },
  },

  join: {
    title: (by: string) => `${by} invites you`,
    text: "Choose a name and a password, and you are in.",
    action: "Join",
    checking: "Looking at the invite",
    bad: {
      title: "This invite is not good any more",
      text: "It was used up, has expired or was taken back. Ask the person who sent it for a new one.",
    },
    signedIn: {
      title: (name: string) => `You are already here, ${name}`,
      text: "This invite is for somebody without an account. Pass it on.",
      action: "Go to your conversations",
    },
    haveAccount: "You have an account?",
  },

  signIn: {
    title: "Sign in",
    text: "Good to see you again.",
    ended: "You were signed out of this device. Sign in to come back.",
    action: "Sign in",
    wrong: "Name and password do not match. Check both and try again.",
    forgot: "Forgot password?",
    otherDevice: "Use another device instead",
    passkey: "Use a passkey",
  },

  reset: {
    title: "Choose a new password",
    text: (name: string) => `For ${name}. All your other devices will be signed out, and your passkeys end.`,
    action: "Save and sign in",
    withCode: "I have my recovery code",
    withoutCode: "I do not have my recovery code",
    warning:
      "Without the code your keys are lost. You will start with new ones: messages written before now stay closed to you, until another member lets you in again, and everyone is told that your keys are new.",
    warned: "I understand. Start with new keys.",
    mustAgree: "Confirm that you understand what will be lost.",
    bad: {
      title: "This link is not good any more",
      text: "It works once, within a day. Ask an admin for a new one.",
    },
  },

  recovery: {
    title: "Your recovery code",
    text: "If you forget your password, only this code brings your messages back. It is shown this once, and nobody else has it: not the server, not an admin.",
    label: "Recovery code",
    print: "Print",
    download: "Download",
    next: "I have kept it",
    again: "Show the code again",
    check: {
      title: "Type the last two groups",
      text: "To be sure that you have it: the last eight characters of the code.",
      label: "Last two groups",
      wrong: "These are not the last two groups. Look at what you have kept.",
      action: "Go on",
    },
    file: "callbox-recovery-code.txt",
    sheet: (name: string, place: string) =>
      `Recovery code of ${name} for Callbox at ${place}. Keep it where only you find it. With it you choose a new password and read everything again.`,
    making: "Your keys are being made",
  },

  forgot: {
    title: "Forgot your password?",
    text: "With your recovery code you choose a new password, and all your messages stay readable. Your other devices are signed out, and your passkeys end.",
    code: "Recovery code",
    codeHint: "Seven groups of four, as you kept them at the beginning.",
    codeMissing: "Enter your recovery code.",
    typo: "There is a typing mistake in this code. Check it group by group.",
    wrong: "Name and recovery code do not match. Check both and try again.",
    action: "Save and sign in",
    without:
      "No code? An admin of this Callbox can give you a link for a new password. Without the code, what was written before stays closed until somebody lets you in again.",
    back: "Back to sign-in",
  },

  keyless: {
    title: "One more step",
    text: "This browser does not have the keys of your account. Confirm your password to open your messages here.",
    action: "Open my messages",
  },

  confirm: {
    title: "Confirm your password",
    text: "To be sure that it is you.",
    action: "Confirm",
    wrong: "That is not your password.",
    passkey: "Use a passkey instead",
  },

  nameEmpty: "Enter a name.",
  nameLong: "A name has at most 64 characters.",
  passwordEmpty: "Enter your password.",
};
