import { useEffect } from "react";

import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useSession } from "@/session";

/** Puts what is open and the number of unread messages into the title of the page. */
export function usePageTitle(): void {
  const { chat, common } = useWords();
  const conversations = useReadable(useSession().conversations);
  const unread = conversations.reduce((sum, conversation) => sum + conversation.unread, 0);
  const title = chat.title(unread, common.product);
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = common.product;
    };
  }, [title, common.product]);
}
