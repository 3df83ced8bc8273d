import { DialogContent, type DialogContentProps } from "./dialog";

export {
  Dialog as Sheet,
  DialogClose as SheetClose,
  DialogTrigger as SheetTrigger,
} from "./dialog";

/** A dialog that comes from an edge: from the right on wide screens, from below on a phone. */
export function SheetContent({ side = "right", ...props }: DialogContentProps) {
  return <DialogContent side={side} {...props} />;
}
