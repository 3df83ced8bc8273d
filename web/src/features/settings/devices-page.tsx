import { Laptop, Plus, Smartphone } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";

import { FormError } from "@/components/field";
import { Confirm } from "@/components/ui/alert-dialog";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { del, post } from "@/lib/api";
import { useNow } from "@/lib/clock";
import { errorText } from "@/lib/error-text";
import { daysBetween, fullTime, relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { approvePath } from "@/lib/paths";
import { toast } from "@/lib/toasts";
import { useLoaded } from "@/lib/use-loaded";
import type { Device, Devices } from "@/protocol/wire";

import { RevokeDevice } from "./revoke-device";

/** Where this account is signed in, and the way to end that. */
export function DevicesPage() {
  const words = useWords();
  const { devices: text } = words.settings;
  const { value, error, change, reload } = useLoaded<Devices>("/devices");
  const [asking, setAsking] = useState(false);
  // The notice of a new sign-in leads here with the device that is meant.
  const [params, setParams] = useSearchParams();
  const lost = params.get("lost");
  const devices = [...(value?.devices ?? [])].sort(
    (a, b) => Number(b.current) - Number(a.current) || b.last_seen - a.last_seen,
  );
  const revoking = devices.find(({ id, current }) => id === lost && !current);
  const others = devices.filter((device) => !device.current);

  const end = (request: Promise<unknown>, kept: Device[], done: string) => {
    request
      .then(() => {
        change({ devices: kept });
        toast(done);
      })
      .catch((cause: unknown) => {
        toast(errorText(cause, words), { tone: "error" });
        reload();
      });
  };

  return (
    <>
      <p className="text-muted-foreground">{text.text}</p>
      <FormError>{error}</FormError>
      {!value && !error && <Skeleton className="mt-4 h-16" />}
      <ul className="mt-4 divide-y">
        {devices.map((device) => (
          <DeviceRow
            key={device.id}
            device={device}
            onLost={() => setParams({ lost: device.id }, { replace: true })}
            onSignOut={() =>
              end(
                del(`/devices/${device.id}`),
                devices.filter((other) => other !== device),
                text.signedOut(device.name),
              )
            }
          />
        ))}
      </ul>
      {revoking && (
        <RevokeDevice
          device={revoking}
          onClose={() => setParams({}, { replace: true })}
          onDone={() => {
            setParams({}, { replace: true });
            change({ devices: devices.filter((other) => other !== revoking) });
          }}
        />
      )}
      <div className="mt-6 flex flex-wrap gap-3">
        <Button asChild>
          <Link href={approvePath}>
            <Plus aria-hidden />
            {text.add}
          </Link>
        </Button>
        {others.length > 0 && (
          <Button variant="outline" onClick={() => setAsking(true)}>
            {text.others}
          </Button>
        )}
      </div>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={text.othersAsk}
        text={text.othersText(others.length)}
        action={text.signOut}
        destructive
        onConfirm={() =>
          end(
            post("/devices/sign-out-others"),
            devices.filter((device) => device.current),
            text.othersDone,
          )
        }
      />
    </>
  );
}

function DeviceRow({ device, onLost, onSignOut }: { device: Device; onLost(): void; onSignOut(): void }) {
  const { devices: text } = useWords().settings;
  const locale = useLocale();
  const now = useNow();
  const Icon = /iPhone|Android|iPad/.test(device.name) ? Smartphone : Laptop;
  // Known to the day only, so no hours are claimed.
  const seen =
    daysBetween(device.last_seen, now) <= 0
      ? text.seenToday
      : text.seen(relativeTime(device.last_seen, now, locale));
  return (
    <li className="flex items-center gap-4 py-3.5 max-sm:flex-wrap max-sm:gap-y-1">
      <Icon aria-hidden strokeWidth={1.6} className="size-6 shrink-0 text-muted-foreground" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="font-medium">{device.name}</bdi>
          {device.current && <Badge variant="accent">{text.current}</Badge>}
        </p>
        <p
          className="truncate text-sm text-muted-foreground"
          title={text.since(fullTime(device.created, locale))}
        >
          {seen} · <bdi>{device.network}</bdi>
        </p>
      </div>
      {!device.current && (
        <div className="flex flex-wrap justify-end gap-1 max-sm:-ml-3 max-sm:w-full max-sm:justify-start max-sm:pl-10">
          <Button variant="ghost" size="sm" aria-label={text.lostNamed(device.name)} onClick={onLost}>
            {text.lost}
          </Button>
          <Button
            variant="quiet"
            size="sm"
            aria-label={text.signOutNamed(device.name)}
            onClick={onSignOut}
          >
            {text.signOut}
          </Button>
        </div>
      )}
    </li>
  );
}
