"""The invented world behind the sample exports, and the code that writes it down. Shares no code with linkgap."""
