// The keys of an account: making, opening and changing them. No React here.

export { approveDevice, type Asked, askForApproval, findApproval, tagOfRequest } from "./approve";
export { changePassword, newRecoveryCode, type Owner, revokeDevice } from "./change";
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
export { type AccountVault, closeVault, provideVaults, vaultOf, type Vaults, type WithCode } from "./smith";
export { Swapped } from "./swapped";
export { browserVaults } from "./vault";
