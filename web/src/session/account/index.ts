// The keys of an account: making, opening and changing them. No React here.

export { changePassword, createInvite, newRecoveryCode, type Owner, revokeDevice } from "./change";
export {
  type Entrance,
  type HeldInvite,
  logIn,
  Mistyped,
  type NewAccount,
  openInvite,
  recover,
  register,
  resetPassword,
  unlock,
} from "./enter";
export { type AccountVault, closeVault, provideVaults, vaultOf, type Vaults, type WithCode } from "./smith";
