using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A list of parameters, named by their positions.</summary>
public class ParameterList : nn.Module, IList<Parameter>
{
    private readonly List<Parameter> elements = [];

    public ParameterList(params Parameter[] parameters)
        : base(nameof(ParameterList))
    {
        extend(parameters);
    }

    public int Count => elements.Count;

    public bool IsReadOnly => false;

    internal override IEnumerable<KeyValuePair<string, Parameter>> OwnParameters =>
        elements.Select((parameter, position) => KeyValuePair.Create($"{position}", parameter));

    public Parameter this[int index]
    {
        get => elements[index];
        set => elements[index] = Detached(value);
    }

    public void Add(Parameter item) => elements.Add(Detached(item));

    public void append(params Parameter[] parameters) => extend(parameters);

    public void extend(IEnumerable<Parameter> parameters) => elements.AddRange(parameters.Select(Detached));

    public void Insert(int index, Parameter item) => elements.Insert(index, Detached(item));

    public bool Remove(Parameter item)
    {
        var position = IndexOf(item);
        if (position >= 0)
        {
            elements.RemoveAt(position);
        }
        return position >= 0;
    }

    public void RemoveAt(int index) => elements.RemoveAt(index);

    public void Clear() => elements.Clear();

    public bool Contains(Parameter item) => IndexOf(item) >= 0;

    public int IndexOf(Parameter item) => elements.FindIndex(element => ReferenceEquals(element, item));

    public void CopyTo(Parameter[] array, int arrayIndex) => elements.CopyTo(array, arrayIndex);

    public IEnumerator<Parameter> GetEnumerator() => elements.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        for (var position = 0; position < elements.Count; position++)
        {
            var parameter = elements[position];
            if (Converted(parameter, dtype, device, non_blocking) is { } replacement)
            {
                elements[position] = Detached(replacement);
                parameter.Dispose();
            }
        }
    }

    private static Parameter Detached(Parameter parameter)
    {
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
