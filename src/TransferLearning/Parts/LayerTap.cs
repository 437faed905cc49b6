namespace TransferLearning;

/// <summary>A layer of a module whose output is wanted.</summary>
/// <remarks>A name alone is a tap of the layer's maps: <c>new TappedExtractor(network, "layer3")</c>.</remarks>
/// <param name="Name">
/// The layer's name inside the module, as <c>named_modules</c> gives it: <c>layer3</c>, <c>layer3.0.conv1</c>.
/// </param>
/// <param name="Form">How its output is handed on. Default as the layer makes it.</param>
public sealed record LayerTap(string Name, LayerForm Form = LayerForm.Maps) : IPart
{
    /// <summary>The layer's name inside the module.</summary>
    public string Name { get; } = Name ?? throw new ArgumentNullException(nameof(Name));

    /// <summary>A tap of a layer's maps.</summary>
    /// <param name="name">The layer's name.</param>
    public static implicit operator LayerTap(string name) => new(name);

    /// <summary>A tap of a layer's maps.</summary>
    /// <param name="name">The layer's name.</param>
    public static LayerTap FromString(string name) => new(name);
}
