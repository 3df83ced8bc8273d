import { ChevronRight, HardDrive, Laptop, type LucideIcon, PhoneCall, ScrollText, Server, Ticket, Users } from "lucide-react";
import { Link, Redirect } from "wouter";

import { Page } from "@/components/page";
import { cn } from "@/lib/cn";
import { ownerPath } from "@/lib/paths";
import { useMedia } from "@/lib/use-media";
import { useReadable } from "@/lib/use-readable";
import { useOwnerWords } from "@/lib/words/owner";
import { useSession } from "@/session";

import { OwnerActs } from "./acts";
import { CallsSection } from "./calls-section";
import { DevicesSection } from "./devices-section";
import { InvitesSection } from "./invites-section";
import { LogSection } from "./log-section";
import { PeopleSection } from "./people-section";
import { ServerSection } from "./server-section";
import { StorageSection } from "./storage-section";

const sections = {
  people: { icon: Users, Content: PeopleSection },
  invites: { icon: Ticket, Content: InvitesSection },
  devices: { icon: Laptop, Content: DevicesSection },
  storage: { icon: HardDrive, Content: StorageSection },
  calls: { icon: PhoneCall, Content: CallsSection },
  server: { icon: Server, Content: ServerSection },
  log: { icon: ScrollText, Content: LogSection },
} as const satisfies Record<string, { icon: LucideIcon; Content(): React.ReactNode }>;

type SectionName = keyof typeof sections;
const names = Object.keys(sections) as SectionName[];

/** The owner's page: wide screens show the list of its sections beside one, phones one of the two. */
export function OwnerPage({ section }: { section: string | undefined }) {
  const words = useOwnerWords();
  const wide = useMedia("(min-width: 48rem)");
  const session = useSession();
  const role = useReadable(session.accounts).get(session.account)?.role;
  const current = names.find((name) => name === section);
  if (role !== undefined && role !== "owner") return <Redirect to="/" replace />;
  if (current === undefined && (section !== undefined || wide)) {
    return <Redirect to={section === undefined ? `${ownerPath}/people` : ownerPath} replace />;
  }
  if (current === undefined) {
    return (
      <Page title={words.title} back="/">
        <SectionList current={current} />
      </Page>
    );
  }
  const { Content } = sections[current];
  return (
    <div className="flex h-full">
      {wide && (
        <div className="w-60 shrink-0 overflow-y-auto border-r px-3">
          <h1 className="flex h-16 items-center px-3 text-lg font-semibold">{words.title}</h1>
          <SectionList current={current} />
        </div>
      )}
      <div className="min-w-0 flex-1">
        <Page title={words.sections[current]} level={wide ? 2 : 1} back={ownerPath}>
          <OwnerActs>
            <Content />
          </OwnerActs>
        </Page>
      </div>
    </div>
  );
}

function SectionList({ current }: { current: SectionName | undefined }) {
  const words = useOwnerWords();
  return (
    <nav aria-label={words.title}>
      <ul className="flex flex-col gap-0.5">
        {names.map((name) => {
          const Icon = sections[name].icon;
          return (
            <li key={name}>
              <Link
                href={`${ownerPath}/${name}`}
                replace={current !== undefined}
                aria-current={name === current ? "page" : undefined}
                className={cn(
                  "flex h-12 items-center gap-3 rounded-lg px-3 transition-colors hover:bg-muted md:h-10",
                  name === current && "bg-accent font-medium text-accent-foreground hover:bg-accent",
                )}
              >
                <Icon aria-hidden className="size-4.5 shrink-0 text-muted-foreground" />
                <span className="flex-1">{words.sections[name]}</span>
                <ChevronRight aria-hidden className="size-4 text-muted-foreground md:hidden" />
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
