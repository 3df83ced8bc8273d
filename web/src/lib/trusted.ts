/**
 * Script addresses for workers. The content security policy refuses plain
 * strings there; the policy `app-sw` lets through this site's own files only.
 */

interface Policy {
  createScriptURL(url: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

const rules: Policy = {
  createScriptURL(url) {
    const address = new URL(url, location.origin);
    if (address.origin !== location.origin) throw new TypeError("a script of another site");
    return address.href;
  },
};

const trustedTypes = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
const policy = trustedTypes?.createPolicy("app-sw", rules) ?? rules;

/** The address of one of our scripts, fit for `new Worker` and `serviceWorker.register`. */
export function scriptUrl(url: string): string {
  return policy.createScriptURL(url);
}
