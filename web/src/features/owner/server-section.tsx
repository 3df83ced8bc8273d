import { CircleCheck, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { FormError } from "@/components/field";
import { Section } from "@/components/page";
import { Skeleton } from "@/components/ui/skeleton";
import { useNow } from "@/lib/clock";
import { fileSize, fullTime, relativeTime } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { type OwnerWords, useOwnerWords } from "@/lib/words/owner";
import type { CertificateFacts, Finding, Millis, ServerFacts } from "@/protocol/wire";

import { DoctorSection } from "./doctor";
import { useFresh } from "./use-fresh";

/** How the server is: what should be looked at, its certificates, and the rest. */
export function ServerSection() {
  const { server: words } = useOwnerWords();
  const { value, error } = useFresh<ServerFacts>("/owner/server", EVERY_MS);
  return (
    <>
      <FormError>{error}</FormError>
      {!value && error === undefined && <Skeleton className="h-40" />}
      {value && (
        <>
          <Findings findings={value.findings} />
          <Facts facts={value} />
          <Section title={words.certificates}>
            {value.certificates.length === 0 && <p className="text-muted-foreground">{words.ownOnly}</p>}
            <ul>
              {value.certificates.map((certificate) => (
                <Certificate key={`${certificate.source} ${certificate.name}`} certificate={certificate} />
              ))}
            </ul>
          </Section>
          <DoctorSection />
        </>
      )}
    </>
  );
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  const words = useOwnerWords();
  const locale = useLocale();
  const now = useNow();
  if (findings.length === 0) {
    return (
      <p className="mb-8 flex items-center gap-3 rounded-xl bg-accent px-4 py-3 text-accent-foreground">
        <CircleCheck aria-hidden className="size-5 shrink-0" />
        {words.server.fine}
      </p>
    );
  }
  return (
    <section className="mb-8 rounded-xl bg-attention px-4 py-3 text-attention-foreground">
      <h2 className="flex items-center gap-3 font-semibold">
        <TriangleAlert aria-hidden className="size-5 shrink-0" />
        {words.server.attention}
      </h2>
      <ul className="mt-1 flex flex-col gap-1 pl-8">
        {findings.map((finding) => {
          const text = findingText(finding, words, now, locale);
          return <li key={text}>{text}</li>;
        })}
      </ul>
    </section>
  );
}

function findingText(finding: Finding, words: OwnerWords, now: Millis, locale: string): string {
  const texts = words.server.findings;
  switch (finding.type) {
    case "silent":
      return texts.silent;
    case "certificate_ends":
      return texts.certificateEnds(finding.name, relativeTime(finding.until, now, locale));
    case "certificate_trouble":
      return texts.certificateTrouble(finding.name);
    case "disk_full":
      return texts.diskFull(fileSize(finding.free, locale));
    case "restart":
      return texts.restart(finding.settings.join(", "));
    case "draining":
      return texts.draining;
  }
}

function Facts({ facts }: { facts: ServerFacts }) {
  const { server: words } = useOwnerWords();
  const locale = useLocale();
  const now = useNow();
  const { online, connections } = facts;
  return (
    <dl className="mb-10 grid grid-cols-[auto_1fr] gap-x-6 gap-y-2.5 max-sm:grid-cols-1 max-sm:gap-y-0">
      <Fact name={words.version}>{facts.version}</Fact>
      <Fact name={words.running}>
        <time dateTime={new Date(facts.started).toISOString()} title={fullTime(facts.started, locale)}>
          {words.since(relativeTime(facts.started, now, locale))}
        </time>
      </Fact>
      <Fact name={words.address}>
        <bdi className="break-all">{facts.site}</bdi>
      </Fact>
      <Fact name={words.connected}>
        {online === null || connections === null ? words.unknown : words.connections(online, connections)}
      </Fact>
      <Fact name={words.relay}>{words.relays(facts.relay)}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground max-sm:text-sm">{name}</dt>
      <dd className="max-sm:mb-3">{children}</dd>
    </>
  );
}

function Certificate({ certificate }: { certificate: CertificateFacts }) {
  const { server: words } = useOwnerWords();
  const locale = useLocale();
  const now = useNow();
  const { name, source, until, trouble, next_try: next } = certificate;
  const parts = [words.sources[source], ...(until === null ? [] : [words.until(relativeTime(until, now, locale))])];
  return (
    <li className="border-b py-3 first:pt-0">
      <bdi className="block font-medium break-all">{name}</bdi>
      <p className="text-sm text-muted-foreground">{parts.join(" · ")}</p>
      {trouble !== null && (
        <p className="mt-1 text-sm text-destructive">
          <bdi>{trouble}</bdi>
          {next !== null && ` · ${words.nextTry(relativeTime(next, now, locale))}`}
        </p>
      )}
    </li>
  );
}

const EVERY_MS = 15_000;
