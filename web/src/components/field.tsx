import { type ComponentProps, type ReactNode, useId } from "react";

import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { cn } from "@/lib/cn";

export interface FieldProps extends ComponentProps<"input"> {
  label: string;
  hint?: ReactNode;
  /** What is wrong with the value; takes the place of the hint. */
  error?: string | undefined;
}

/** An input with its label, hint and complaint. */
export function Field({ label, hint, error, className, id, ...props }: FieldProps) {
  const own = useId();
  const field = id ?? own;
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <Label htmlFor={field}>{label}</Label>
      <Input
        id={field}
        aria-invalid={error !== undefined}
        aria-describedby={hint || error ? `${field}-hint` : undefined}
        {...props}
      />
      <Hint id={`${field}-hint`} error={error}>
        {hint}
      </Hint>
    </div>
  );
}

/** The line under an input. */
export function Hint({
  id,
  error,
  children,
}: {
  id: string;
  error?: string | undefined;
  children?: ReactNode;
}) {
  if (!children && error === undefined) return null;
  return (
    <p id={id} className={cn("text-sm", error ? "text-destructive" : "text-muted-foreground")}>
      {error ?? children}
    </p>
  );
}

/** Why a form was not accepted; read out when it appears. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className={cn(!children && "sr-only")}>
      {children && (
        <p className="rounded-lg bg-destructive/10 px-3.5 py-2.5 text-destructive">{children}</p>
      )}
    </div>
  );
}
