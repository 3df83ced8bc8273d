import { Avatar, AvatarFallback, AvatarImage } from "@/components/ui/avatar";
import { cn } from "@/lib/cn";
import { avatarColour, avatarColours, initials } from "@/lib/people";
import type { Account } from "@/protocol/wire";

const sizes = {
  xs: "size-6 text-[0.625rem]",
  sm: "size-8 text-[0.75rem]",
  md: "size-10 text-sm",
  lg: "size-14 text-lg",
  xl: "size-24 text-[2rem]",
} as const;

export interface PersonAvatarProps {
  account: Pick<Account, "id" | "name" | "avatar">;
  size?: keyof typeof sizes;
  /** Shows a dot when set to true. Say the same in words beside it. */
  online?: boolean | undefined;
  className?: string;
}

/** A person's picture, or initials on their colour. Decorative: the name stands beside it. */
export function PersonAvatar({
  account,
  size = "md",
  online = false,
  className,
}: PersonAvatarProps) {
  return (
    <span aria-hidden className={cn("relative inline-flex shrink-0", className)}>
      <Avatar className={sizes[size]}>
        {account.avatar !== null && (
          <AvatarImage src={avatarUrl(account.id, account.avatar)} alt="" draggable={false} />
        )}
        <AvatarFallback className={avatarColours[avatarColour(account.id)]}>
          {initials(account.name)}
        </AvatarFallback>
      </Avatar>
      {online && (
        <span className="absolute right-0 bottom-0 size-[28%] max-h-3.5 max-w-3.5 rounded-full bg-online ring-2 ring-background" />
      )}
    </span>
  );
}

function avatarUrl(id: string, hash: string): string {
  return `/api/v1/accounts/${encodeURIComponent(id)}/avatar/${encodeURIComponent(hash)}`;
}
