// The keys of an account: making, opening and changing them. No React here.

export { approveDevice, type Asked, askForApproval, findApproval, NotLetIn, refuseDevice, tagOfRequest } from "./approve";
export { changePassword, newRecoveryCode, revokeDevice } from "./change";
export {
  type Entrance,
  type HeldInvite,
  logIn,
  type NewAccount,
  recover,
  register,
  resetPassword,
  unlock,
} from "./enter";
export { comeAsGuest, keepAccount, type Opened, openLink } from "./guest";
export { Mistyped } from "./mistyped";
export { addPasskey, removePasskey, renamePasskey, signInWithPasskey } from "./passkeys";
export { type Given, proofOf } from "./prove";
export { type AccountVault, closeVault, type Owner, type Proof, provideVaults, vaultOf, type Vaults, type WithCode } from "./smith";
export { Swapped } from "./swapped";
export { browserVaults } from "./vault";
