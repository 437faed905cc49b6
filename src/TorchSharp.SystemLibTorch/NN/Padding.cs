namespace TorchSharp;

/// <summary>A convolution's padding by intent.</summary>
public enum Padding
{
    Valid = 0,
    Same = 1,
}
