import { useCallback, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";

import { FormError } from "@/components/field";
import { Page } from "@/components/page";
import { Button } from "@/components/ui/button";
import { errorText } from "@/lib/error-text";
import { useWords } from "@/lib/i18n";
import { useSecurityWords } from "@/lib/words/security";
import type { Blob, FoundApproval } from "@/protocol/wire";
import { findApproval, tagOfRequest } from "@/session/account";

import { ConfirmDevice } from "./confirm-device";
import { explain, FindDevice } from "./find-device";

type Step =
  | { readonly at: "find"; readonly error?: unknown }
  | { readonly at: "confirm"; readonly tag: Blob; readonly found: FoundApproval }
  | { readonly at: "done"; readonly device: string };

/** Lets a new device in: finds it, asks whether it is one's own, and tells when it is done. */
export function ApprovePage() {
  const words = useWords();
  const { add, done } = useSecurityWords().approval;
  const [, navigate] = useLocation();
  const [step, setStep] = useState<Step>({ at: "find" });
  const find = useCallback(async (tag: Blob) => {
    setStep({ at: "confirm", tag, found: await findApproval(tag) });
  }, []);
  const failed = useCallback((error: unknown) => setStep({ at: "find", error }), []);
  useLinkedRequest(find, failed);
  return (
    <Page title={add.title} back={DEVICES}>
      {step.at === "find" && (
        <>
          {step.error !== undefined && (
            <div className="mb-6">
              <FormError>{explain(step.error, add) ?? errorText(step.error, words)}</FormError>
            </div>
          )}
          <FindDevice find={find} />
        </>
      )}
      {step.at === "confirm" && (
        <ConfirmDevice
          tag={step.tag}
          found={step.found}
          onDone={() => setStep({ at: "done", device: step.found.device_name })}
          onNo={() => navigate(DEVICES, { replace: true })}
        />
      )}
      {step.at === "done" && (
        <div role="status">
          <h2 className="text-xl font-semibold">
            <bdi>{done.title(step.device)}</bdi>
          </h2>
          <p className="mt-1 text-muted-foreground">{done.text}</p>
          <Button asChild className="mt-6">
            <Link href={DEVICES}>{done.action}</Link>
          </Button>
        </div>
      )}
    </Page>
  );
}

/** A phone's camera has opened this page with the key of the new device in the fragment. */
function useLinkedRequest(find: (tag: Blob) => Promise<void>, onError: (error: unknown) => void): void {
  useEffect(() => {
    const look = () => {
      const request = location.hash.slice(1);
      if (request === "") return;
      history.replaceState(history.state, "", location.pathname);
      void tagOfRequest(request as Blob)
        .then((tag) => tag && find(tag))
        .catch(onError);
    };
    look();
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, [find, onError]);
}

const DEVICES = "/settings/devices";
