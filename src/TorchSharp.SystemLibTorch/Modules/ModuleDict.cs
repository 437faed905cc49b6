using System.Collections;
using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Named modules for a module's field. They are registered when the dictionary itself is registered in a module: used on
/// its own it has no parameters, and train and eval do not reach its elements.
/// </summary>
public class ModuleDict<T> : nn.Module, IDictionary<string, T>, IList<(string, T)>
    where T : nn.Module
{
    private readonly OrderedDictionary<string, T> elements = new(StringComparer.Ordinal);
    private bool isRegistered;

    public ModuleDict()
        : base(nameof(ModuleDict<T>)) { }

    public int Count => elements.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => elements.Keys;

    public ICollection<T> Values => elements.Values;

    public T this[string key]
    {
        get => elements[key];
        set
        {
            elements[key] = value;
            RegisterAgain();
        }
    }

    public (string, T) this[int index]
    {
        get
        {
            var (key, module) = elements.GetAt(index);
            return (key, module);
        }
        set
        {
            elements.RemoveAt(index);
            elements.Insert(index, value.Item1, value.Item2);
            RegisterAgain();
        }
    }

    public IEnumerable<string> keys() => elements.Keys;

    public IEnumerable<T> values() => elements.Values;

    public IEnumerator<(string, T)> items() => GetEnumerator();

    public void Add(string key, T value)
    {
        elements.Add(key, value);
        RegisterAgain();
    }

    public void Add((string, T) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<string, T> item) => Add(item.Key, item.Value);

    public void Insert(int index, (string, T) item)
    {
        elements.Insert(index, item.Item1, item.Item2);
        RegisterAgain();
    }

    public bool Remove(string key)
    {
        var wasThere = elements.Remove(key);
        RegisterAgain();
        return wasThere;
    }

    public bool Remove((string, T) item) => Contains(item) && Remove(item.Item1);

    public bool Remove(KeyValuePair<string, T> item) => Remove((item.Key, item.Value));

    public void RemoveAt(int index)
    {
        elements.RemoveAt(index);
        RegisterAgain();
    }

    public void Clear()
    {
        elements.Clear();
        RegisterAgain();
    }

    public void clear() => Clear();

    public bool ContainsKey(string key) => elements.ContainsKey(key);

    public bool Contains((string, T) item) =>
        elements.TryGetValue(item.Item1, out var module) && ReferenceEquals(module, item.Item2);

    public bool Contains(KeyValuePair<string, T> item) => Contains((item.Key, item.Value));

    public int IndexOf((string, T) item) => Contains(item) ? elements.IndexOf(item.Item1) : -1;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => elements.TryGetValue(key, out value);

    public void CopyTo((string, T)[] array, int arrayIndex)
    {
        foreach (var item in this)
        {
            array[arrayIndex++] = item;
        }
    }

    public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, T>>)elements).CopyTo(array, arrayIndex);

    public IEnumerator<(string, T)> GetEnumerator()
    {
        foreach (var (key, module) in elements)
        {
            yield return (key, module);
        }
    }

    IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() =>
        elements.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents()
    {
        isRegistered = true;
        RegisterAgain();
    }

    private void RegisterAgain()
    {
        if (!isRegistered)
        {
            return;
        }
        ClearModules();
        foreach (var (key, module) in elements)
        {
            register_module(key, module);
        }
    }
}
