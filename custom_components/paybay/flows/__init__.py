"""The screens in which an owner sets PayBay up."""
