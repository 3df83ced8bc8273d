// What the app puts on the screen of the chat.

export { Conversation, type ConversationProps } from "./conversation";
export { ConversationList } from "./conversation-list";
export { LobbyNews } from "./lobby-news";
export { NotificationOffer, useNotifications } from "./notifications";
export { OfflineBar } from "./offline-bar";
export { SignInNotice } from "./sign-in-notice";
export { usePageTitle } from "./use-page-title";
