// End-to-end encryption of the client: formats as pure functions over bytes,
// and the vault, which alone holds keys.

export type * from "./vault/api";
export { openVault } from "./vault/client";
export { VaultError } from "./vault/error";
