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
    help: "Forgotten your password? An admin of this Callbox can give you a link for a new one.",
  },

  reset: {
    title: "Choose a new password",
    text: (name: string) => `For ${name}. All your other devices will be signed out.`,
    action: "Save and sign in",
    bad: {
      title: "This link is not good any more",
      text: "It works once, within a day. Ask an admin for a new one.",
    },
  },

  confirm: {
    title: "Confirm your password",
    text: "To be sure that it is you.",
    action: "Confirm",
    wrong: "That is not your password.",
  },

  nameEmpty: "Enter a name.",
  nameLong: "A name has at most 64 characters.",
  passwordEmpty: "Enter your password.",
};
