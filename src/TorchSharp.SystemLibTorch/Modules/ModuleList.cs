using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// A list of modules for a module's field. Its elements are registered, under their positions, when the list itself is
/// registered in a module: used on its own it has no parameters, and train and eval do not reach its elements.
/// </summary>
public class ModuleList<T> : nn.Module, IList<T>
    where T : nn.Module
{
    private readonly List<T> elements;
    private bool isRegistered;

    public ModuleList(params T[] modules)
        : base(nameof(ModuleList<T>))
    {
        elements = [.. modules];
    }

    public int Count => elements.Count;

    public bool IsReadOnly => false;

    public T this[int index]
    {
        get => elements[index];
        set
        {
            elements[index] = value;
            Renumber();
        }
    }

    public void Add(T item)
    {
        elements.Add(item);
        Renumber();
    }

    public void append(params T[] parameters) => extend(parameters);

    public void extend(IEnumerable<T> modules)
    {
        elements.AddRange(modules);
        Renumber();
    }

    public void Insert(int index, T item)
    {
        elements.Insert(index, item);
        Renumber();
    }

    public bool Remove(T item)
    {
        var wasThere = elements.Remove(item);
        Renumber();
        return wasThere;
    }

    public void RemoveAt(int index)
    {
        elements.RemoveAt(index);
        Renumber();
    }

    public void Clear()
    {
        elements.Clear();
        Renumber();
    }

    public bool Contains(T item) => elements.Contains(item);

    public int IndexOf(T item) => elements.IndexOf(item);

    public void CopyTo(T[] array, int arrayIndex) => elements.CopyTo(array, arrayIndex);

    public IEnumerator<T> GetEnumerator() => elements.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents()
    {
        isRegistered = true;
        Renumber();
    }

    private void Renumber()
    {
        if (!isRegistered)
        {
            return;
        }
        ClearModules();
        for (var position = 0; position < elements.Count; position++)
        {
            register_module($"{position}", elements[position]);
        }
    }
}
