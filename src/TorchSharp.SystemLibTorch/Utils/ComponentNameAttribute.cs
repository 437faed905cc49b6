namespace TorchSharp.Utils;

/// <summary>Names a field's tensor or submodule in the state dict; without it the field's own name is used.</summary>
[AttributeUsage(AttributeTargets.Field, AllowMultiple = false, Inherited = false)]
public class ComponentNameAttribute : Attribute
{
    public string Name { get; set; } = null!;
}
