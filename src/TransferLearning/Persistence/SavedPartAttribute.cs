namespace TransferLearning;

/// <summary>
/// The id of a part in files. It stays as it is whatever the type is called later, so that old files go on loading.
/// </summary>
/// <param name="id">
/// A short name that no other part has, such as <c>affine-map</c>; not empty, and not <c>network</c>, which stands for
/// modules. Begin your own with a word of yours: <c>acme.whitening</c>.
/// </param>
/// <remarks>
/// Files name ids, never types, and only known ones are made from a file: the library's own, and those that
/// <see cref="SavedParts.Register{T}"/> was told of.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SavedPartAttribute(string id) : Attribute
{
    /// <summary>The id.</summary>
    public string Id { get; } = id;
}
