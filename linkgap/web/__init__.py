"""What needs the web, and runs only when the user asks for it: checks of live pages, and services that sell links."""
