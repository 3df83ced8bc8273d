import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** A form that complains in its own words and never leaves the page. */
export function Form({
  className,
  onSubmit,
  ...props
}: Omit<ComponentProps<"form">, "onSubmit"> & { onSubmit(): void }) {
  return (
    <form
      noValidate
      className={cn("flex flex-col gap-5", className)}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      {...props}
    />
  );
}
